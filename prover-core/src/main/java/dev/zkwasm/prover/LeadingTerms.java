package dev.zkwasm.prover;

import dev.zkwasm.compute.PointwiseProgram;
import dev.zkwasm.compute.PointwiseProgram.Instruction;
import dev.zkwasm.field.Fr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The leading coefficients of what a program computes when its columns are polynomials, from theirs
 * alone.
 *
 * <p>A polynomial f of degree at most m is {@code X^m f^(1/X)} for a power series f^. With all
 * columns of this form, what is of degree e in them is {@code X^(e m)} times a product of series;
 * beside it, what is of lower degree begins m terms later. So if fewer than m terms are wanted, a
 * value of the program is its part of highest degree, a series with so many terms: sums keep the
 * summands of the highest degree, products multiply series.
 */
final class LeadingTerms {
  private final PointwiseProgram program;
  private final List<Instruction> code;
  private final int terms;

  /** For each instruction, those that made its operands, or complements of pool values. */
  private final int[] left;

  private final int[] right;

  /** The degree of what an instruction computes, in the columns. */
  private final int[] degree;

  private final boolean[] needed;
  private final int result;

  /**
   * Prepares a program.
   *
   * @param program has one output, which is stored
   * @param terms how many coefficients are wanted, fewer than the columns have
   */
  LeadingTerms(PointwiseProgram program, int terms) {
    this.program = program;
    this.code = program.instructions();
    this.terms = terms;
    this.left = new int[code.size()];
    this.right = new int[code.size()];
    this.degree = new int[code.size()];
    this.needed = new boolean[code.size()];
    this.result = trace();
    if (program.outputs() != 1) {
      throw new IllegalArgumentException("a program with " + program.outputs() + " outputs");
    }
    mark();
  }

  /** Finds operands and degrees; returns the operand of the output. */
  private int trace() {
    int[] register = new int[program.registers()];
    int stored = ~0;
    for (int k = 0; k < code.size(); k++) {
      Instruction i = code.get(k);
      switch (i.opcode()) {
        case LOAD -> degree[k] = 1;
        case ADD, SUB, MUL -> {
          left[k] = i.a() < 0 ? i.a() : register[i.a()];
          right[k] = i.b() < 0 ? i.b() : register[i.b()];
          degree[k] =
              i.opcode() == PointwiseProgram.Opcode.MUL
                  ? degree(left[k]) + degree(right[k])
                  : Math.max(degree(left[k]), degree(right[k]));
        }
        case STORE -> stored = i.a() < 0 ? i.a() : register[i.a()];
        case ACCUMULATE -> throw new IllegalArgumentException("a program that accumulates");
      }
      if (i.opcode() != PointwiseProgram.Opcode.STORE) {
        register[i.target()] = k;
      }
    }
    return stored;
  }

  private int degree(int operand) {
    return operand < 0 ? 0 : degree[operand];
  }

  /** Marks what contributes to the result. */
  private void mark() {
    if (result >= 0) {
      needed[result] = true;
    }
    for (int k = code.size() - 1; k >= 0; k--) {
      if (needed[k]) {
        switch (code.get(k).opcode()) {
          case ADD, SUB -> {
            need(left[k], degree[k]);
            need(right[k], degree[k]);
          }
          case MUL -> {
            need(left[k], degree(left[k]));
            need(right[k], degree(right[k]));
          }
          default -> {}
        }
      }
    }
  }

  private void need(int operand, int ofDegree) {
    if (operand >= 0 && degree[operand] == ofDegree) {
      needed[operand] = true;
    }
  }

  /** The degree of the output in the columns. */
  int degree() {
    return degree(result);
  }

  /**
   * The coefficients of the output from that of {@code X^(e m)} downwards, e its {@link #degree()}.
   *
   * @param columns for each column its coefficients from that of {@code X^m} downwards
   * @param parameters of the program
   */
  List<Fr> of(List<List<Fr>> columns, List<Fr> parameters) {
    List<Fr> pool = program.pool(parameters);
    List<List<Fr>> series = new ArrayList<>(Collections.nCopies(code.size(), List.of()));
    for (int k = 0; k < code.size(); k++) {
      if (needed[k]) {
        Instruction i = code.get(k);
        series.set(
            k,
            switch (i.opcode()) {
              case LOAD -> loaded(columns.get(i.a()), i.b());
              case MUL -> product(operand(left[k], series, pool), operand(right[k], series, pool));
              case ADD -> sum(k, series, pool, Fr.ONE);
              case SUB -> sum(k, series, pool, Fr.ONE.negate());
              default -> throw new IllegalStateException("no value in " + i);
            });
      }
    }
    List<Fr> leading = new ArrayList<>(operand(result, series, pool));
    while (leading.size() < terms) {
      leading.add(Fr.ZERO);
    }
    return leading;
  }

  private static List<Fr> operand(int operand, List<List<Fr>> series, List<Fr> pool) {
    return operand < 0 ? List.of(pool.get(~operand)) : series.get(operand);
  }

  private List<Fr> loaded(List<Fr> column, int rotation) {
    if (rotation != 0 || column.size() != terms) {
      throw new IllegalArgumentException("a column of %d terms".formatted(column.size()));
    }
    return column;
  }

  private List<Fr> sum(int k, List<List<Fr>> series, List<Fr> pool, Fr factor) {
    Fr[] sum = new Fr[terms];
    Arrays.fill(sum, Fr.ZERO);
    if (degree(left[k]) == degree[k]) {
      addTo(sum, operand(left[k], series, pool), Fr.ONE);
    }
    if (degree(right[k]) == degree[k]) {
      addTo(sum, operand(right[k], series, pool), factor);
    }
    return List.of(sum);
  }

  private static void addTo(Fr[] sum, List<Fr> summand, Fr factor) {
    for (int i = 0; i < summand.size(); i++) {
      sum[i] = sum[i].add(summand.get(i).mul(factor));
    }
  }

  /** The product of two series, of which the missing terms are zero. */
  private List<Fr> product(List<Fr> a, List<Fr> b) {
    Fr[] product = new Fr[terms];
    Arrays.fill(product, Fr.ZERO);
    for (int i = 0; i < a.size(); i++) {
      if (!a.get(i).isZero()) {
        for (int j = 0; j < b.size() && i + j < terms; j++) {
          product[i + j] = product[i + j].add(a.get(i).mul(b.get(j)));
        }
      }
    }
    return List.of(product);
  }
}
