package dev.zkwasm.compute.cpu;

import dev.zkwasm.compute.PointwiseProgram;
import dev.zkwasm.compute.PointwiseProgram.Instruction;
import dev.zkwasm.compute.PointwiseProgram.Opcode;
import dev.zkwasm.compute.cpu.PointwiseCode.Step;
import dev.zkwasm.compute.cpu.PointwiseCode.Uniform;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Compiles programs for {@link VectorPointwise}.
 *
 * <p>A multiplication spends half its time on the reduction modulo p. So what is only used once is
 * not computed by itself: products and sums become part of the sum that uses them, which is reduced
 * once. Values of constants and parameters alone are computed once for all rows; a factor of this
 * kind moves into the products of a sum, so that a fingerprint is a sum of products of a column and
 * a challenge whatever the shape it was written in. Loads happen as late as they may.
 *
 * <p><b>Bounds.</b> Limbs are counted in units of {@code 2^50}, values in units of p (see {@link
 * VectorKernels}). Every register keeps within {@link #LIMBS} and {@link #VALUE}, so that any two
 * can be multiplied, any two added and then centred, and any one doubled and packed.
 */
final class PointwiseCompiler {
  /** The bounds of a register. */
  private static final double LIMBS = 2;

  private static final double VALUE = 1.6;

  /** The bounds of what can be centred. */
  private static final double CENTRED_LIMBS = 4;

  private static final double CENTRED_VALUE = 4.1;

  /** A product more for each of so many single values costs less than a reduction. */
  private static final int DISTRIBUTED_TERMS = 2;

  /** A value of the program. */
  private static final class Node {
    /** How many instructions read it. */
    private int uses;

    /** Its number if it is the same in all rows, else -1. */
    private int uniform = -1;

    /** What it reads, if it is a load. */
    private @Nullable Instruction load;

    /** How it is computed, until it has a register. */
    private @Nullable Pending pending;

    private int register = -1;
    private double limbs;
    private double value;
  }

  private record Product(boolean negative, Node a, Node b) {
    Product negated(boolean negate) {
      return new Product(negative ^ negate, a, b);
    }
  }

  private record Term(boolean negative, Node a) {
    Term negated(boolean negate) {
      return new Term(negative ^ negate, a);
    }
  }

  /**
   * A sum of products and of single values, not yet computed.
   *
   * @param constant the number of a summand that is the same in all rows, or -1
   */
  private record Pending(List<Product> products, List<Term> terms, int constant) {
    /** The bound of a value that is the sum of the products alone, reduced. */
    double reduced() {
      double sum = 0;
      for (Product product : products) {
        sum += product.a.value * product.b.value;
      }
      return products.isEmpty() ? 0 : VectorKernels.productValue(sum);
    }

    double value() {
      double sum = reduced();
      for (Term term : terms) {
        sum += term.a.value;
      }
      return sum + (constant < 0 ? 0 : VectorKernels.CENTRED_VALUE);
    }

    double limbs() {
      double sum = products.isEmpty() ? 0 : VectorKernels.productLimbs(reduced());
      for (Term term : terms) {
        sum += term.a.limbs;
      }
      return sum + (constant < 0 ? 0 : 1);
    }

    /** Whether it can be computed in one step. */
    boolean fits() {
      double columns = 0;
      for (Product product : products) {
        columns += VectorKernels.columnShare(product.a.limbs * product.b.limbs);
      }
      return products.size() <= VectorKernels.MAX_PRODUCTS
          && columns <= 1
          && reduced() <= VectorKernels.MAX_PRODUCT_VALUE
          && value() <= CENTRED_VALUE
          && limbs() <= CENTRED_LIMBS;
    }

    int size() {
      return 2 * products.size() + terms.size();
    }
  }

  /** A step with values instead of registers. */
  private sealed interface Draft {
    record Load(Instruction load, int value) implements Draft {}

    record Sum(Pending sum, boolean centre, int value) implements Draft {}

    record Store(int output, boolean add, int value) implements Draft {}
  }

  private final PointwiseProgram program;
  private final int pool;
  private final List<Uniform> derived = new ArrayList<>();
  private final Map<Uniform, Integer> numbers = new HashMap<>();
  private final Map<Integer, Node> uniformNodes = new HashMap<>();
  private final List<Draft> drafts = new ArrayList<>();
  private int values;

  private PointwiseCompiler(PointwiseProgram program) {
    this.program = program;
    this.pool = program.constants().size() + program.parameters();
  }

  /** Compiles. */
  static PointwiseCode compile(PointwiseProgram program) {
    return new PointwiseCompiler(program).compile();
  }

  private PointwiseCode compile() {
    List<Instruction> code = program.instructions();
    Node[] results = new Node[code.size()];
    Node[][] operands = operands(code, results);
    List<Node> loads = new ArrayList<>();
    for (int k = 0; k < code.size(); k++) {
      Instruction i = code.get(k);
      Node result = results[k];
      Node a = operands[k][0];
      Node b = operands[k][1];
      switch (i.opcode()) {
        case LOAD -> {
          result.load = i;
          result.limbs = VectorKernels.HALVED_LIMBS;
          result.value = VectorKernels.HALVED_VALUE;
          loads.add(result);
        }
        case ADD, SUB -> add(result, a, b, i.opcode());
        case MUL -> multiply(result, a, b);
        case STORE, ACCUMULATE -> {
          // An output may be the buffer of a column that has been read before.
          loads.forEach(this::compute);
          loads.clear();
          compute(a);
          boolean add = i.opcode() == Opcode.ACCUMULATE;
          drafts.add(new Draft.Store(i.target(), add, a.register));
        }
      }
    }
    return new Assembler(this).assemble();
  }

  /** Finds who reads whom. */
  private Node[][] operands(List<Instruction> code, Node[] results) {
    Node[] registers = new Node[program.registers()];
    Node[][] operands = new Node[code.size()][2];
    for (int k = 0; k < code.size(); k++) {
      Instruction i = code.get(k);
      results[k] = new Node();
      int reads =
          switch (i.opcode()) {
            case LOAD -> 0;
            case STORE, ACCUMULATE -> 1;
            case ADD, SUB, MUL -> 2;
          };
      for (int o = 0; o < 2; o++) {
        int operand = o == 0 ? i.a() : i.b();
        operands[k][o] =
            o >= reads ? results[k] : operand < 0 ? uniform(~operand) : registers[operand];
        operands[k][o].uses += o < reads ? 1 : 0;
      }
      if (i.opcode() != Opcode.STORE && i.opcode() != Opcode.ACCUMULATE) {
        registers[i.target()] = results[k];
      }
    }
    return operands;
  }

  private Node uniform(int number) {
    return uniformNodes.computeIfAbsent(
        number,
        n -> {
          Node node = new Node();
          node.uniform = n;
          node.limbs = 1;
          node.value = VectorKernels.CENTRED_VALUE;
          return node;
        });
  }

  private int derive(Opcode opcode, int a, int b) {
    return numbers.computeIfAbsent(
        new Uniform(opcode, a, b),
        uniform -> {
          derived.add(uniform);
          return pool + derived.size() - 1;
        });
  }

  private int negative(int uniform) {
    int zero = derive(Opcode.SUB, uniform, uniform);
    return derive(Opcode.SUB, zero, uniform);
  }

  /** The sum of two constant summands, either of which may be missing. */
  private int sum(int a, int b, boolean negate) {
    if (b < 0) {
      return a;
    }
    if (a < 0) {
      return negate ? negative(b) : b;
    }
    return derive(negate ? Opcode.SUB : Opcode.ADD, a, b);
  }

  private void add(Node result, Node a, Node b, Opcode opcode) {
    if (a.uniform >= 0 && b.uniform >= 0) {
      result.uniform = derive(opcode, a.uniform, b.uniform);
      result.limbs = 1;
      result.value = VectorKernels.CENTRED_VALUE;
      return;
    }
    boolean negate = opcode == Opcode.SUB;
    Pending sum = merge(part(a), part(b), negate);
    if (!sum.fits()) {
      // What is longer gets a register of its own, and if that is not enough the other one too.
      boolean first = part(a).size() >= part(b).size();
      computeSummand(first ? a : b);
      sum = merge(part(a), part(b), negate);
      if (!sum.fits()) {
        computeSummand(first ? b : a);
        sum = merge(part(a), part(b), negate);
      }
    }
    if (!sum.fits()) {
      throw new IllegalStateException("two registers do not add up");
    }
    result.pending = sum;
  }

  private void computeSummand(Node node) {
    if (node.pending != null) {
      compute(node);
    }
  }

  private Pending merge(Pending a, Pending b, boolean negate) {
    List<Product> products = new ArrayList<>(a.products);
    b.products.forEach(p -> products.add(p.negated(negate)));
    List<Term> terms = new ArrayList<>(a.terms);
    b.terms.forEach(t -> terms.add(t.negated(negate)));
    return new Pending(products, terms, sum(a.constant, b.constant, negate));
  }

  /** What a summand is in a sum: itself, or what it consists of if nobody else needs it. */
  private Pending part(Node node) {
    if (node.uniform >= 0) {
      return new Pending(List.of(), List.of(), node.uniform);
    }
    if (node.pending != null) {
      if (node.uses == 1) {
        return node.pending;
      }
      compute(node);
    }
    return new Pending(List.of(), List.of(new Term(false, node)), -1);
  }

  private void multiply(Node result, Node a, Node b) {
    if (a.uniform >= 0 && b.uniform >= 0) {
      result.uniform = derive(Opcode.MUL, a.uniform, b.uniform);
      result.limbs = 1;
      result.value = VectorKernels.CENTRED_VALUE;
      return;
    }
    if (a.uniform >= 0) {
      result.pending = scaled(a.uniform, b);
    } else if (b.uniform >= 0) {
      result.pending = scaled(b.uniform, a);
    } else {
      result.pending = product(factor(a), factor(b));
    }
  }

  private static Pending product(Node a, Node b) {
    return new Pending(List.of(new Product(false, a, b)), List.of(), -1);
  }

  private Node factor(Node node) {
    computeSummand(node);
    return node;
  }

  /** A constant times a value, which moves into a sum if that does not add work. */
  private Pending scaled(int uniform, Node node) {
    Pending sum = node.pending;
    if (sum != null
        && node.uses == 1
        && sum.terms.size() <= DISTRIBUTED_TERMS
        && sum.products.stream().allMatch(p -> p.a.uniform >= 0)) {
      List<Product> products = new ArrayList<>();
      for (Product p : sum.products) {
        Node factor = uniform(derive(Opcode.MUL, uniform, p.a.uniform));
        products.add(new Product(p.negative, factor, p.b));
      }
      for (Term t : sum.terms) {
        products.add(new Product(t.negative, uniform(uniform), t.a));
      }
      int constant = sum.constant < 0 ? -1 : derive(Opcode.MUL, uniform, sum.constant);
      Pending scaled = new Pending(products, List.of(), constant);
      if (scaled.fits()) {
        return scaled;
      }
    }
    return product(uniform(uniform), factor(node));
  }

  /** Makes sure that a value has a register. */
  private void compute(Node node) {
    if (node.register >= 0) {
      return;
    }
    Instruction load = node.load;
    if (load != null) {
      node.register = values++;
      drafts.add(new Draft.Load(load, node.register));
      return;
    }
    Pending sum =
        node.uniform >= 0
            ? new Pending(List.of(), List.of(), node.uniform)
            : Objects.requireNonNull(node.pending);
    sum = withoutNegativeConstants(sum);
    for (Product product : sum.products) {
      computeVariable(product.a);
      computeVariable(product.b);
    }
    for (Term term : sum.terms) {
      computeVariable(term.a);
    }
    boolean centre = sum.limbs() > LIMBS || sum.value() > VALUE;
    node.limbs = centre ? 1 : sum.limbs();
    node.value = centre ? VectorKernels.CENTRED_VALUE : sum.value();
    node.register = values++;
    node.pending = null;
    drafts.add(new Draft.Sum(sum, centre, node.register));
  }

  private void computeVariable(Node node) {
    if (node.uniform < 0) {
      compute(node);
    }
  }

  /** The same sum, with the sign of a product in its constant factor if it has one. */
  private Pending withoutNegativeConstants(Pending sum) {
    List<Product> products = new ArrayList<>();
    for (Product p : sum.products) {
      products.add(
          p.negative && p.a.uniform >= 0
              ? new Product(false, uniform(negative(p.a.uniform)), p.b)
              : p);
    }
    return new Pending(products, sum.terms, sum.constant);
  }

  /** Gives registers to values and groups to what is the same in all rows. */
  private static final class Assembler {
    private final PointwiseCompiler compiler;
    private final List<Draft> drafts;
    private final int[] lastUse;
    private final int[] place;
    private final List<Integer> free = new ArrayList<>();
    private int registers;

    Assembler(PointwiseCompiler compiler) {
      this.compiler = compiler;
      this.drafts = compiler.drafts;
      this.lastUse = new int[compiler.values];
      this.place = new int[compiler.values];
    }

    PointwiseCode assemble() {
      for (int k = 0; k < drafts.size(); k++) {
        for (int value : reads(drafts.get(k))) {
          lastUse[value] = k;
        }
      }
      for (int k = 0; k < drafts.size(); k++) {
        allocate(k);
      }
      Map<Integer, Integer> slots = new HashMap<>();
      List<Integer> used = new ArrayList<>();
      List<Step> steps = new ArrayList<>();
      for (Draft draft : drafts) {
        steps.add(step(draft, slots, used));
      }
      return new PointwiseCode(
          List.copyOf(compiler.derived),
          used.stream().mapToInt(Integer::intValue).toArray(),
          List.copyOf(steps),
          registers);
    }

    private static List<Integer> reads(Draft draft) {
      List<Integer> reads = new ArrayList<>();
      switch (draft) {
        case Draft.Load load -> {}
        case Draft.Store store -> reads.add(store.value);
        case Draft.Sum sum -> {
          for (Product product : sum.sum.products) {
            addVariable(reads, product.a);
            addVariable(reads, product.b);
          }
          for (Term term : sum.sum.terms) {
            addVariable(reads, term.a);
          }
        }
      }
      return reads;
    }

    private static void addVariable(List<Integer> reads, Node node) {
      if (node.uniform < 0) {
        reads.add(node.register);
      }
    }

    private void allocate(int k) {
      Draft draft = drafts.get(k);
      List<Integer> dying =
          reads(draft).stream().filter(value -> lastUse[value] == k).distinct().toList();
      switch (draft) {
        case Draft.Store store -> release(dying);
        case Draft.Load load -> place[load.value] = take();
        case Draft.Sum sum -> {
          // The products are there before the terms are read.
          boolean inPlace = sum.sum.products.isEmpty() || sum.sum.terms.isEmpty();
          if (inPlace) {
            release(dying);
          }
          place[sum.value] = take();
          if (!inPlace) {
            release(dying);
          }
        }
      }
    }

    private int take() {
      return free.isEmpty() ? registers++ : free.removeLast();
    }

    private void release(List<Integer> dying) {
      dying.forEach(value -> free.add(place[value]));
    }

    private Step step(Draft draft, Map<Integer, Integer> slots, List<Integer> used) {
      return switch (draft) {
        case Draft.Load load ->
            new Step.Load(load.load.a(), load.load.b(), place[load.value] * PointwiseCode.BLOCK);
        case Draft.Store store ->
            new Step.Store(store.output, store.add, place[store.value] * PointwiseCode.BLOCK);
        case Draft.Sum draftSum -> {
          Pending sum = draftSum.sum;
          int count = sum.products.size();
          int[] factors = new int[4 * count];
          double[] productSigns = new double[count];
          for (int i = 0; i < count; i++) {
            Product product = sum.products.get(i);
            operand(product.a, factors, 4 * i, slots, used);
            operand(product.b, factors, 4 * i + 2, slots, used);
            productSigns[i] = product.negative ? -1 : 1;
          }
          List<Term> all = new ArrayList<>(sum.terms);
          if (sum.constant >= 0) {
            all.add(new Term(false, compiler.uniform(sum.constant)));
          }
          int[] terms = new int[2 * all.size()];
          double[] termSigns = new double[all.size()];
          for (int i = 0; i < all.size(); i++) {
            operand(all.get(i).a, terms, 2 * i, slots, used);
            termSigns[i] = all.get(i).negative ? -1 : 1;
          }
          yield new Step.Sum(
              factors,
              productSigns,
              terms,
              termSigns,
              draftSum.centre,
              place[draftSum.value] * PointwiseCode.BLOCK);
        }
      };
    }

    /** Writes the first group of an operand and by how much it moves on from group to group. */
    private void operand(
        Node node, int[] out, int at, Map<Integer, Integer> slots, List<Integer> used) {
      if (node.uniform < 0) {
        out[at] = place[node.register] * PointwiseCode.BLOCK;
        out[at + 1] = 1;
        return;
      }
      int slot =
          slots.computeIfAbsent(
              node.uniform,
              n -> {
                used.add(n);
                return used.size() - 1;
              });
      out[at] = registers * PointwiseCode.BLOCK + slot;
      out[at + 1] = 0;
    }
  }
}
