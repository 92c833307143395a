package dev.zkwasm.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.poly.Domain;
import dev.zkwasm.poly.TypedVector;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What every compute backend must do, against plain arithmetic of the field and the group. A
 * backend's test is a subclass with a name and nothing else.
 *
 * <p>Where the backend is not available the tests are skipped with the reason, unless the system
 * property {@code backends.required}, a comma-separated list, names it: then they fail.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class BackendConformanceTest {
  private static final BigInteger R = Fr.MODULUS;

  /** Multiples of the generator that {@link #points} are made of. */
  private static final List<Fr> MULTIPLES = new ArrayList<>();

  private static final List<G1> POINTS = new ArrayList<>();

  private final Random random = new Random(1);
  private ComputeBackend backend;

  /** The backend's name, as {@link Backends#open} takes it. */
  protected abstract String backendName();

  /** Whether there is something to test here. */
  protected Availability availability() {
    for (Backends.Candidate c : Backends.candidates()) {
      if (c.provider().name().equals(backendName())) {
        return c.availability();
      }
    }
    return Availability.no("no provider on the class path");
  }

  /** Opens the backend; called when it is available. */
  protected ComputeBackend open() {
    return Backends.open(backendName(), new BackendOptions(3));
  }

  /** The largest logarithm of a transform's size that is tried. */
  protected int maxLogSize() {
    return 13;
  }

  /** The largest number of points that is tried. */
  protected int maxPoints() {
    return 4097;
  }

  @BeforeAll
  final void openBackend() {
    String name = backendName();
    Availability availability = availability();
    if (!availability.available()) {
      String message = "backend " + name + " not tested: " + availability.detail();
      if (Arrays.asList(System.getProperty("backends.required", "").split(",")).contains(name)) {
        fail(message + " (required by -Dbackends.required)");
      }
      System.err.println("SKIPPED: " + message);
      Assumptions.abort(message);
    }
    backend = open();
  }

  @AfterAll
  final void closeBackend() {
    if (backend != null) {
      backend.close();
    }
  }

  @Test
  void hasNameAndDescription() {
    assertEquals(backendName(), backend.name());
    assertFalse(backend.description().isBlank());
  }

  // Memory.

  @Test
  void uploadConvertsEveryType() {
    for (int n : new int[] {1, 2, 13, 1025}) {
      for (TypedVector v : typed(n)) {
        try (DeviceBuffer b = backend.upload(v)) {
          assertEquals(n, b.size());
          FrVector back = backend.download(b);
          for (int i = 0; i < n; i++) {
            assertElement(v.get(i), back.get(i), v.getClass().getSimpleName(), i);
          }
        }
      }
    }
  }

  @Test
  void uploadCopies() {
    FrVector v = FrVector.of(Fr.of(1), Fr.of(2));
    try (DeviceBuffer b = backend.upload(new TypedVector.Field(v))) {
      v.set(0, Fr.of(7));
      assertEquals(Fr.of(1), backend.get(b, 0));
      backend.download(b).set(1, Fr.of(8));
      assertEquals(Fr.of(2), backend.get(b, 1));
    }
  }

  @Test
  void copiesAndSingleElements() {
    try (DeviceBuffer a = upload(randoms(20));
        DeviceBuffer b = backend.allocate(10)) {
      assertEquals(Fr.ZERO, backend.get(b, 9));
      backend.copy(a, 12, b, 1, 8);
      backend.set(b, 0, Fr.of(5));
      assertEquals(Fr.of(5), backend.get(b, 0));
      assertEquals(backend.get(a, 12), backend.get(b, 1));
      assertEquals(backend.get(a, 19), backend.get(b, 8));
      assertEquals(Fr.ZERO, backend.get(b, 9));
      assertThrows(IndexOutOfBoundsException.class, () -> backend.copy(a, 15, b, 0, 6));
      assertThrows(IndexOutOfBoundsException.class, () -> backend.copy(a, 0, b, 5, 6));
      assertThrows(IndexOutOfBoundsException.class, () -> backend.get(b, 10));
      assertThrows(IndexOutOfBoundsException.class, () -> backend.set(b, -1, Fr.ONE));
    }
  }

  /** Memory of closed buffers may be used again: by one buffer at a time, and cleared. */
  @Test
  void newBuffersAreZeroAndTheirOwn() {
    for (int round = 0; round < 3; round++) {
      try (DeviceBuffer a = backend.allocate(33);
          DeviceBuffer b = backend.scratch(33);
          DeviceBuffer c = upload(randoms(33))) {
        for (int i = 0; i < 33; i++) {
          assertEquals(Fr.ZERO, backend.get(a, i));
        }
        backend.powers(Fr.of(3), Fr.ONE, a);
        backend.powers(Fr.of(4), Fr.ONE, b);
        assertEquals(Fr.of(3), backend.get(a, 32));
        assertEquals(Fr.of(4), backend.get(b, 32));
        backend.copy(b, 0, c, 0, 33);
      }
    }
  }

  @Test
  void closedBuffersAreRefused() {
    DeviceBuffer b = backend.allocate(4);
    b.close();
    b.close();
    assertThrows(IllegalStateException.class, () -> backend.download(b));
    try (Bases bases = backend.uploadBases(points(4))) {
      assertEquals(4, bases.size());
      bases.close();
      TypedVector ones = new TypedVector.U8(new byte[] {1});
      assertThrows(IllegalStateException.class, () -> backend.msm(bases, ones));
    }
  }

  // Multi-scalar multiplication.

  @Test
  void msmOfEveryShapeOfFullScalars() {
    for (int n : sizes(maxPoints())) {
      try (Bases bases = backend.uploadBases(points(n))) {
        for (Map.Entry<String, Fr[]> e : shapes(n).entrySet()) {
          FrVector s = FrVector.of(e.getValue());
          G1 expected = expectedMsm(List.of(e.getValue()));
          String what = e.getKey() + ", " + n + " points";
          assertEquals(expected, backend.msm(bases, new TypedVector.Field(s)), what);
          try (DeviceBuffer b = backend.upload(new TypedVector.Field(s))) {
            assertEquals(expected, backend.msm(bases, b), what);
          }
        }
      }
    }
  }

  @Test
  void msmOfEveryType() {
    for (int n : sizes(maxPoints())) {
      try (Bases bases = backend.uploadBases(points(n))) {
        for (TypedVector v : typed(n)) {
          List<Fr> scalars = new ArrayList<>();
          for (int i = 0; i < n; i++) {
            scalars.add(v.get(i));
          }
          String what = v.getClass().getSimpleName() + ", " + n + " points";
          assertEquals(expectedMsm(scalars), backend.msm(bases, v), what);
        }
      }
    }
  }

  /** Several that are asked for together, of all types and lengths. */
  @Test
  void msmOfEachOfMany() {
    int n = Math.min(300, maxPoints());
    try (Bases bases = backend.uploadBases(points(n))) {
      List<TypedVector> all = new ArrayList<>();
      for (int size : new int[] {n, 0, 13}) {
        all.addAll(typed(size));
        all.add(new TypedVector.Field(FrVector.of(randoms(size))));
      }
      List<G1> expected = all.stream().map(v -> backend.msm(bases, v)).toList();
      assertEquals(expected, backend.msmOfEach(bases, all));
      assertEquals(List.of(), backend.msmOfEach(bases, List.of()));
      List<TypedVector> oneTooMany = List.of(all.getFirst(), new TypedVector.U8(new byte[n + 1]));
      assertThrows(IllegalArgumentException.class, () -> backend.msmOfEach(bases, oneTooMany));
    }
  }

  @Test
  void msmOfEqualOppositeAndInfinitePoints() {
    G1 g = G1.GENERATOR;
    List<G1> kinds = List.of(g, g.negate(), G1.INFINITY, g.twice());
    int[] multiple = {1, -1, 0, 2};
    for (int n : new int[] {2, 13, 300, 1500}) {
      for (int kind = 0; kind < 6; kind++) {
        G1Vector points = new G1Vector(n);
        byte[] small = new byte[n];
        Fr[] full = new Fr[n];
        Fr expectedSmall = Fr.ZERO;
        Fr expectedFull = Fr.ZERO;
        for (int i = 0; i < n; i++) {
          // All of one kind, then G and -G in turn, then anything.
          int k = kind < 4 ? kind : kind == 4 ? i % 2 : random.nextInt(4);
          points.set(i, kinds.get(k));
          small[i] = (byte) (kind == 5 ? random.nextInt(4) : 3);
          full[i] = kind == 5 ? randomFr() : Fr.of(-3);
          expectedSmall = expectedSmall.add(Fr.of(small[i]).mul(Fr.of(multiple[k])));
          expectedFull = expectedFull.add(full[i].mul(Fr.of(multiple[k])));
        }
        try (Bases bases = backend.uploadBases(points)) {
          String what = "kind " + kind + ", " + n + " points";
          assertEquals(g.mul(expectedSmall), backend.msm(bases, new TypedVector.U8(small)), what);
          assertEquals(
              g.mul(expectedFull),
              backend.msm(bases, new TypedVector.Field(FrVector.of(full))),
              what);
        }
      }
    }
  }

  @Test
  void msmTakesFewerScalarsThanBasesAndNoneAtAll() {
    try (Bases bases = backend.uploadBases(points(100))) {
      List<Fr> scalars = List.of(randoms(40));
      TypedVector forty = new TypedVector.Field(FrVector.of(scalars.toArray(Fr[]::new)));
      assertEquals(expectedMsm(scalars), backend.msm(bases, forty));
      assertEquals(G1.INFINITY, backend.msm(bases, new TypedVector.U16(new char[0])));
      assertEquals(G1.INFINITY, backend.msm(bases, new TypedVector.Field(new FrVector(0))));
      TypedVector tooMany = new TypedVector.U8(new byte[101]);
      assertThrows(IllegalArgumentException.class, () -> backend.msm(bases, tooMany));
    }
  }

  // Transforms.

  @Test
  void nttIsEvaluationOnTheDomain() {
    for (int log = 0; log <= 5; log++) {
      int n = 1 << log;
      Domain domain = Domain.ofLogSize(log);
      for (Map.Entry<String, Fr[]> e : shapes(n).entrySet()) {
        try (DeviceBuffer c = upload(e.getValue());
            DeviceBuffer v = backend.allocate(n)) {
          backend.ntt(c, v);
          for (int i = 0; i < n; i++) {
            assertEquals(
                horner(e.getValue(), domain.element(i)),
                backend.get(v, i),
                e.getKey() + ", size " + n + ", element " + i);
          }
          assertElements(e.getValue(), c, "the source is left alone");
        }
      }
    }
  }

  @Test
  void nttAndInttOfEverySizeAreInverse() {
    for (int log = 0; log <= maxLogSize(); log++) {
      int n = 1 << log;
      for (Fr shift : List.of(Fr.ONE, Fr.GENERATOR, randomFr())) {
        for (Map.Entry<String, Fr[]> e : shapes(n).entrySet()) {
          if (log > 10 && !e.getKey().equals("random")) {
            continue;
          }
          String what = e.getKey() + ", size " + n + ", shift " + shift;
          try (DeviceBuffer b = upload(e.getValue())) {
            backend.cosetNtt(b, shift, b);
            FrVector values = backend.download(b);
            // f(shift X) from its values, at a random point.
            Fr z = randomFr();
            Fr expected = horner(e.getValue(), shift.mul(z));
            assertEquals(expected, Domain.ofLogSize(log).evaluate(values, z), what);
            backend.cosetIntt(b, shift, b);
            assertElements(e.getValue(), b, what);
          }
        }
      }
    }
  }

  @Test
  void cosetNttTakesAnyNumberOfCoefficients() {
    for (int n : new int[] {1, 4, 64, 256}) {
      for (int given : new int[] {0, 1, n - 1, n, n + 1, 2 * n, 3 * n + 2}) {
        Fr[] c = randoms(given);
        Fr shift = randomFr();
        try (DeviceBuffer source = upload(c);
            DeviceBuffer values = upload(randoms(n))) {
          backend.cosetNtt(source, shift, values);
          Fr x = shift;
          for (int i = 0; i < n; i++) {
            assertEquals(horner(c, x), backend.get(values, i), n + " values, " + given + " given");
            x = x.mul(Domain.ofSize(n).omega());
          }
        }
      }
    }
  }

  @Test
  void transformsRefuseBadArguments() {
    try (DeviceBuffer twelve = backend.allocate(12);
        DeviceBuffer eight = backend.allocate(8);
        DeviceBuffer four = backend.allocate(4)) {
      assertThrows(IllegalArgumentException.class, () -> backend.ntt(twelve, twelve));
      assertThrows(IllegalArgumentException.class, () -> backend.intt(twelve, twelve));
      assertThrows(IllegalArgumentException.class, () -> backend.intt(eight, four));
      assertThrows(IllegalArgumentException.class, () -> backend.cosetNtt(eight, Fr.ZERO, eight));
      assertThrows(IllegalArgumentException.class, () -> backend.cosetIntt(eight, Fr.ZERO, eight));
    }
  }

  // Pointwise work.

  @Test
  void programsRunOnEveryRow() {
    PointwiseProgram.Builder b = new PointwiseProgram.Builder(3, 2);
    int x = b.load(0, 0);
    int y = b.load(1, 1);
    int z = b.load(2, 5);
    int sum = b.add(b.mul(x, y), b.mul(b.parameter(1), z));
    int difference = b.sub(b.mul(sum, sum), b.constant(Fr.of(-7)));
    b.store(0, b.mul(b.sub(difference, x), b.parameter(0)));
    b.accumulate(1, difference);
    b.store(2, b.constant(Fr.of(12)));
    PointwiseProgram program = b.build();
    for (int n : sizes(5000)) {
      if (n == 0) {
        continue;
      }
      for (Map.Entry<String, Fr[]> e : shapes(n).entrySet()) {
        Fr[] c0 = e.getValue();
        Fr[] c1 = randoms(n);
        Fr[] c2 = randoms(n);
        Fr[] before = randoms(n);
        List<Fr> p = List.of(randomFr(), randomFr());
        try (DeviceBuffer b0 = upload(c0);
            DeviceBuffer b1 = upload(c1);
            DeviceBuffer b2 = upload(c2);
            DeviceBuffer o0 = backend.allocate(n);
            DeviceBuffer o1 = upload(before);
            DeviceBuffer o2 = backend.allocate(n)) {
          backend.evaluate(program, List.of(b0, b1, b2), p, List.of(o0, o1, o2));
          Fr[] first = new Fr[n];
          Fr[] second = new Fr[n];
          Fr[] third = new Fr[n];
          for (int i = 0; i < n; i++) {
            Fr s = c0[i].mul(c1[(i + 1) % n]).add(p.get(1).mul(c2[(i + 5) % n]));
            Fr d = s.square().add(Fr.of(7));
            first[i] = d.sub(c0[i]).mul(p.get(0));
            second[i] = before[i].add(d);
            third[i] = Fr.of(12);
          }
          assertElements(first, o0, e.getKey() + ", first output");
          assertElements(second, o1, e.getKey() + ", second output");
          assertElements(third, o2, e.getKey() + ", third output");
        }
      }
    }
  }

  @Test
  void randomProgramsAgreeWithTheirMeaning() {
    for (int round = 0; round < 10; round++) {
      int n = 1 + random.nextInt(300);
      PointwiseProgram.Builder b = new PointwiseProgram.Builder(4, 3);
      Fr[][] columns = {randoms(n), randoms(n), randoms(n), randoms(n)};
      List<Fr> p = List.of(randoms(3));
      List<Integer> handles = new ArrayList<>();
      List<Fr[]> meanings = new ArrayList<>();
      for (int k = 0; k < 60; k++) {
        int kind = k < 8 ? random.nextInt(3) : random.nextInt(12);
        Fr[] meaning = new Fr[n];
        switch (kind) {
          case 0 -> {
            int column = random.nextInt(4);
            int rotation = random.nextInt(3);
            handles.add(b.load(column, rotation));
            Arrays.setAll(meaning, i -> columns[column][(i + rotation) % n]);
          }
          case 1 -> {
            Fr c = Fr.of(random.nextInt(4) - 1);
            handles.add(b.constant(c));
            Arrays.fill(meaning, c);
          }
          case 2 -> {
            int index = random.nextInt(3);
            handles.add(b.parameter(index));
            Arrays.fill(meaning, p.get(index));
          }
          default -> {
            int left = random.nextInt(handles.size());
            int right = random.nextInt(handles.size());
            Fr[] l = meanings.get(left);
            Fr[] r = meanings.get(right);
            int hl = handles.get(left);
            int hr = handles.get(right);
            switch (kind % 3) {
              case 0 -> {
                handles.add(b.add(hl, hr));
                Arrays.setAll(meaning, i -> l[i].add(r[i]));
              }
              case 1 -> {
                handles.add(b.sub(hl, hr));
                Arrays.setAll(meaning, i -> l[i].sub(r[i]));
              }
              default -> {
                handles.add(b.mul(hl, hr));
                Arrays.setAll(meaning, i -> l[i].mul(r[i]));
              }
            }
          }
        }
        meanings.add(meaning);
      }
      int[] picks = {59, 58, random.nextInt(60), random.nextInt(60)};
      for (int o = 0; o < picks.length; o++) {
        b.store(o, handles.get(picks[o]));
      }
      PointwiseProgram program = b.build();
      List<DeviceBuffer> in = new ArrayList<>();
      List<DeviceBuffer> out = new ArrayList<>();
      for (Fr[] column : columns) {
        in.add(upload(column));
      }
      for (int o = 0; o < picks.length; o++) {
        out.add(backend.allocate(n));
      }
      backend.evaluate(program, in, p, out);
      for (int o = 0; o < picks.length; o++) {
        assertElements(meanings.get(picks[o]), out.get(o), "output " + o + " of\n" + program);
      }
      in.forEach(DeviceBuffer::close);
      out.forEach(DeviceBuffer::close);
    }
  }

  /** As constraints are: long sums of products that are needed once, on the largest values. */
  @Test
  void longSumsAgreeWithTheirMeaning() {
    for (int round = 0; round < 10; round++) {
      int n = 70;
      PointwiseProgram.Builder b = new PointwiseProgram.Builder(6, 4);
      Fr[][] columns = new Fr[6][];
      for (int c = 0; c < columns.length; c++) {
        columns[c] = randoms(n);
        if (c < 4) {
          Arrays.fill(columns[c], Fr.of(c < 2 ? -1 : c == 2 ? 1 : 0));
        }
      }
      List<Fr> p = List.of(Fr.of(-1), Fr.of(-1), randomFr(), randomFr());
      int total = b.constant(Fr.ZERO);
      Fr[] expected = new Fr[n];
      Arrays.fill(expected, Fr.ZERO);
      for (int k = 0; k < 80; k++) {
        // A sum of up to five values or products, times a parameter, a column or nothing.
        int sum = b.constant(Fr.ZERO);
        Fr[] meaning = new Fr[n];
        Arrays.fill(meaning, Fr.ZERO);
        int length = 1 + random.nextInt(5);
        for (int t = 0; t < length; t++) {
          int left = random.nextInt(6);
          int right = random.nextInt(6);
          Fr factor = p.get(random.nextInt(4));
          int kind = random.nextInt(4);
          int term =
              switch (kind) {
                case 0 -> b.load(left, 0);
                case 1 -> b.mul(b.load(left, 0), b.load(right, 0));
                case 2 -> b.mul(b.load(left, 0), b.parameter(p.indexOf(factor)));
                default -> b.parameter(p.indexOf(factor));
              };
          boolean negative = random.nextBoolean();
          sum = negative ? b.sub(sum, term) : b.add(sum, term);
          for (int i = 0; i < n; i++) {
            Fr value =
                switch (kind) {
                  case 0 -> columns[left][i];
                  case 1 -> columns[left][i].mul(columns[right][i]);
                  case 2 -> columns[left][i].mul(factor);
                  default -> factor;
                };
            meaning[i] = negative ? meaning[i].sub(value) : meaning[i].add(value);
          }
        }
        int kind = random.nextInt(3);
        int column = random.nextInt(6);
        Fr scale = p.get(random.nextInt(4));
        sum =
            switch (kind) {
              case 0 -> b.mul(sum, b.parameter(p.indexOf(scale)));
              case 1 -> b.mul(b.load(column, 0), sum);
              default -> sum;
            };
        boolean negative = random.nextInt(3) == 0;
        total = negative ? b.sub(total, sum) : b.add(total, sum);
        for (int i = 0; i < n; i++) {
          Fr value =
              switch (kind) {
                case 0 -> meaning[i].mul(scale);
                case 1 -> meaning[i].mul(columns[column][i]);
                default -> meaning[i];
              };
          expected[i] = negative ? expected[i].sub(value) : expected[i].add(value);
        }
      }
      b.store(0, total);
      PointwiseProgram program = b.build();
      List<DeviceBuffer> in = new ArrayList<>();
      for (Fr[] column : columns) {
        in.add(upload(column));
      }
      try (DeviceBuffer out = backend.allocate(n)) {
        backend.evaluate(program, in, p, List.of(out));
        assertElements(expected, out, "a long sum");
      }
      in.forEach(DeviceBuffer::close);
    }
  }

  /** A column may be the buffer of an output that is written after it has been read. */
  @Test
  void outputsInPlaceOfColumnsThatAreNeededLater() {
    int n = 77;
    PointwiseProgram.Builder b = new PointwiseProgram.Builder(2, 0);
    int x = b.load(0, 0);
    int square = b.mul(x, x);
    b.store(0, b.mul(b.load(1, 0), b.load(1, 0)));
    b.store(1, b.add(square, b.load(1, 0)));
    PointwiseProgram program = b.build();
    Fr[] first = randoms(n);
    Fr[] second = randoms(n);
    assertTrue(program.mayShare(0, 0));
    try (DeviceBuffer a = upload(first);
        DeviceBuffer c = upload(second);
        DeviceBuffer d = backend.allocate(n)) {
      backend.evaluate(program, List.of(a, c), List.of(), List.of(a, d));
      Fr[] expected = new Fr[n];
      Arrays.setAll(expected, i -> second[i].square());
      assertElements(expected, a, "in place");
      Arrays.setAll(expected, i -> first[i].square().add(second[i]));
      assertElements(expected, d, "after it");
    }
  }

  @Test
  void pointwiseInPlace() {
    int n = 77;
    Fr[] x = randoms(n);
    Fr[] y = randoms(n);
    try (DeviceBuffer a = upload(x);
        DeviceBuffer b = upload(y);
        DeviceBuffer d = backend.allocate(n)) {
      backend.add(a, b, d);
      backend.multiply(d, a, d);
      backend.subtract(b, d, d);
      backend.multiply(d, d, d);
      Fr[] expected = new Fr[n];
      Arrays.setAll(expected, i -> y[i].sub(x[i].add(y[i]).mul(x[i])).square());
      assertElements(expected, d, "in place");
    }
  }

  @Test
  void evaluateRefusesBadArguments() {
    PointwiseProgram.Builder b = new PointwiseProgram.Builder(1, 1);
    b.store(0, b.mul(b.load(0, 1), b.parameter(0)));
    PointwiseProgram program = b.build();
    try (DeviceBuffer x = backend.allocate(8);
        DeviceBuffer y = backend.allocate(4)) {
      List<Fr> one = List.of(Fr.ONE);
      assertThrows(
          IllegalArgumentException.class,
          () -> backend.evaluate(program, List.of(x), one, List.of(x)));
      assertThrows(
          IllegalArgumentException.class,
          () -> backend.evaluate(program, List.of(x), one, List.of(y)));
      assertThrows(
          IllegalArgumentException.class,
          () -> backend.evaluate(program, List.of(x), List.of(), List.of(y)));
      assertThrows(
          IllegalArgumentException.class,
          () -> backend.evaluate(program, List.of(), one, List.of(y)));
    }
  }

  @Test
  void batchInversionAndItsZeros() {
    for (int n : sizes(5000)) {
      for (Map.Entry<String, Fr[]> e : shapes(n).entrySet()) {
        try (DeviceBuffer b = upload(e.getValue())) {
          boolean nonZero = backend.batchInvert(b, b);
          assertEquals(Arrays.stream(e.getValue()).noneMatch(Fr::isZero), nonZero, e.getKey());
          FrVector inverses = backend.download(b);
          for (int i = 0; i < n; i++) {
            Fr x = e.getValue()[i];
            Fr expected = x.isZero() ? Fr.ZERO : Fr.ONE;
            assertElement(expected, x.mul(inverses.get(i)), e.getKey(), i);
            assertEquals(x.isZero(), inverses.get(i).isZero(), e.getKey());
          }
        }
      }
    }
  }

  @Test
  void prefixSumsAreExclusive() {
    for (int n : sizes(5000)) {
      for (Map.Entry<String, Fr[]> e : shapes(n).entrySet()) {
        try (DeviceBuffer b = upload(e.getValue());
            DeviceBuffer d = backend.scratch(n)) {
          Fr apart = backend.prefixSum(b, d);
          Fr total = backend.prefixSum(b, b);
          Fr[] expected = new Fr[n];
          Fr sum = Fr.ZERO;
          for (int i = 0; i < n; i++) {
            expected[i] = sum;
            sum = sum.add(e.getValue()[i]);
          }
          assertEquals(sum, total, e.getKey());
          assertElements(expected, b, e.getKey());
          assertEquals(sum, apart, e.getKey());
          assertElements(expected, d, e.getKey());
        }
      }
    }
  }

  @Test
  void powersAreGeometric() {
    for (int n : sizes(5000)) {
      for (Fr ratio : List.of(Fr.ZERO, Fr.ONE, Fr.of(-1), randomFr())) {
        try (DeviceBuffer b = backend.allocate(n)) {
          Fr first = randomFr();
          backend.powers(first, ratio, b);
          Fr[] expected = new Fr[n];
          Fr x = first;
          for (int i = 0; i < n; i++) {
            expected[i] = x;
            x = x.mul(ratio);
          }
          assertElements(expected, b, "powers of " + ratio);
        }
      }
    }
  }

  @Test
  void linearCombinations() {
    for (int n : sizes(5000)) {
      Fr[] x = randoms(n);
      Fr[] y = randoms(n / 2);
      List<Fr> c = List.of(randomFr(), randomFr(), Fr.ONE);
      try (DeviceBuffer a = upload(x);
          DeviceBuffer b = upload(y);
          DeviceBuffer d = backend.allocate(n)) {
        backend.linearCombination(c, List.of(a, b, a), d);
        Fr[] expected = new Fr[n];
        for (int i = 0; i < n; i++) {
          Fr sum = x[i].mul(c.get(0).add(Fr.ONE));
          expected[i] = i < y.length ? sum.add(y[i].mul(c.get(1))) : sum;
        }
        assertElements(expected, d, "combination");
        // In place, and of nothing.
        backend.linearCombination(c.subList(0, 2), List.of(d, b), d);
        Arrays.setAll(
            expected,
            i -> expected[i].mul(c.get(0)).add(i < y.length ? y[i].mul(c.get(1)) : Fr.ZERO));
        assertElements(expected, d, "combination in place");
        backend.linearCombination(List.of(), List.of(), d);
        Arrays.fill(expected, Fr.ZERO);
        assertElements(expected, d, "empty combination");
      }
    }
    try (DeviceBuffer two = backend.allocate(2);
        DeviceBuffer three = backend.allocate(3)) {
      List<Fr> one = List.of(Fr.ONE);
      assertThrows(
          IllegalArgumentException.class,
          () -> backend.linearCombination(one, List.of(three), two));
      assertThrows(
          IllegalArgumentException.class,
          () -> backend.linearCombination(one, List.of(two, two), three));
    }
  }

  @Test
  void addScaledWithOffsetsAndStrides() {
    for (int stride : new int[] {1, 2, 8}) {
      for (int n : new int[] {0, 1, 13, 1025}) {
        int offset = 3;
        Fr[] d = randoms(offset + stride * n + 1);
        Fr[] s = randoms(n);
        for (Fr factor : List.of(Fr.ONE, Fr.ZERO, randomFr())) {
          Fr[] expected = d.clone();
          for (int i = 0; i < n; i++) {
            int at = offset + stride * i;
            expected[at] = expected[at].add(s[i].mul(factor));
          }
          try (DeviceBuffer destination = upload(d);
              DeviceBuffer source = upload(s)) {
            backend.addScaled(destination, offset, stride, factor, source);
            assertElements(expected, destination, "stride " + stride);
          }
        }
      }
    }
    try (DeviceBuffer a = backend.allocate(4);
        DeviceBuffer b = backend.allocate(2)) {
      assertThrows(IndexOutOfBoundsException.class, () -> backend.addScaled(a, 0, 4, Fr.ONE, b));
      assertThrows(IndexOutOfBoundsException.class, () -> backend.addScaled(a, -1, 1, Fr.ONE, b));
      assertThrows(IllegalArgumentException.class, () -> backend.addScaled(a, 0, 0, Fr.ONE, b));
      assertThrows(IllegalArgumentException.class, () -> backend.addScaled(a, 0, 1, Fr.ONE, a));
    }
  }

  // Polynomials.

  @Test
  void evaluationAtAPoint() {
    for (int n : sizes(5000)) {
      for (Map.Entry<String, Fr[]> e : shapes(n).entrySet()) {
        try (DeviceBuffer b = upload(e.getValue())) {
          for (Fr z : List.of(Fr.ZERO, Fr.ONE, randomFr())) {
            assertEquals(horner(e.getValue(), z), backend.evaluateAt(b, z), e.getKey());
          }
        }
      }
    }
  }

  @Test
  void barycentricEvaluation() {
    for (int log = 0; log <= 11; log++) {
      Domain domain = Domain.ofLogSize(log);
      int n = domain.size();
      try (DeviceBuffer lagrange = backend.allocate(n)) {
        for (Fr z : List.of(randomFr(), domain.element(n - 1), domain.element(n / 2))) {
          backend.lagrangeAt(z, lagrange);
          FrVector expected = domain.lagrangeAll(z);
          for (int i = 0; i < n; i++) {
            assertEquals(expected.get(i), backend.get(lagrange, i), "size " + n);
          }
          for (TypedVector v : typed(n)) {
            Fr value = domain.evaluate(v.toField(), z);
            assertEquals(value, backend.innerProduct(lagrange, v));
            try (DeviceBuffer b = backend.upload(v)) {
              assertEquals(value, backend.innerProduct(lagrange, b));
            }
          }
        }
      }
    }
    try (DeviceBuffer a = backend.allocate(4)) {
      TypedVector three = new TypedVector.U8(new byte[3]);
      assertThrows(IllegalArgumentException.class, () -> backend.innerProduct(a, three));
    }
  }

  @Test
  void divisionByALinearFactor() {
    for (int n : sizes(5000)) {
      for (Map.Entry<String, Fr[]> e : shapes(n).entrySet()) {
        Fr z = randomFr();
        try (DeviceBuffer b = upload(e.getValue())) {
          Fr remainder = backend.divideByLinear(b, z, b);
          assertEquals(horner(e.getValue(), z), remainder, e.getKey());
          FrVector q = backend.download(b);
          if (n > 0) {
            assertTrue(q.get(n - 1).isZero(), e.getKey());
          }
          for (int i = 0; i < n; i++) {
            // f_i = q_(i-1) - z q_i, and the remainder at 0.
            Fr below = i == 0 ? remainder : q.get(i - 1);
            assertEquals(e.getValue()[i], below.sub(z.mul(q.get(i))), e.getKey());
          }
        }
      }
    }
  }

  @Test
  void anInterruptCancels() {
    try (DeviceBuffer b = upload(randoms(1 << 12));
        Bases bases = backend.uploadBases(points(maxPoints()))) {
      Thread.currentThread().interrupt();
      assertThrows(CancellationException.class, () -> backend.ntt(b, b));
      assertTrue(Thread.interrupted());
      Thread.currentThread().interrupt();
      TypedVector s = new TypedVector.U16(new char[maxPoints()]);
      assertThrows(CancellationException.class, () -> backend.msm(bases, s));
      assertTrue(Thread.interrupted());
    }
  }

  // Data.

  private List<Integer> sizes(int max) {
    List<Integer> sizes = new ArrayList<>(List.of(0, 1, 2, 13));
    for (int power : new int[] {16, 256, 4096}) {
      if (power < max) {
        sizes.addAll(List.of(power - 1, power, power + 1));
      }
    }
    return sizes;
  }

  /** Vectors of one size: random ones, extreme ones, skewed ones. */
  private Map<String, Fr[]> shapes(int n) {
    Map<String, Fr[]> shapes = new LinkedHashMap<>();
    shapes.put("random", randoms(n));
    shapes.put("zeros", fill(n, Fr.ZERO));
    shapes.put("ones", fill(n, Fr.ONE));
    shapes.put("all r - 1", fill(n, Fr.of(-1)));
    shapes.put("all equal", fill(n, randomFr()));
    Fr[] skewed = fill(n, Fr.of(R.shiftRight(1)));
    for (int i = 0; i < n; i += 7) {
      skewed[i] =
          switch (i % 3) {
            case 0 -> Fr.ZERO;
            case 1 -> randomFr();
            default -> Fr.of(random.nextInt(3) - 1);
          };
    }
    shapes.put("skewed", skewed);
    return shapes;
  }

  private List<TypedVector> typed(int n) {
    byte[] bits = new byte[n];
    byte[] bytes = new byte[n];
    char[] chars = new char[n];
    int[] ints = new int[n];
    long[] longs = new long[n];
    random.nextBytes(bytes);
    for (int i = 0; i < n; i++) {
      bits[i] = (byte) random.nextInt(2);
      chars[i] = (char) random.nextInt(1 << 16);
      ints[i] = random.nextInt();
      longs[i] = random.nextLong();
    }
    byte[] maxBytes = new byte[n];
    char[] maxChars = new char[n];
    int[] maxInts = new int[n];
    long[] maxLongs = new long[n];
    Arrays.fill(maxBytes, (byte) -1);
    Arrays.fill(maxChars, Character.MAX_VALUE);
    Arrays.fill(maxInts, -1);
    Arrays.fill(maxLongs, -1L);
    return List.of(
        TypedVector.Bits.checked(bits),
        new TypedVector.U8(bytes),
        new TypedVector.U16(chars),
        new TypedVector.U32(ints),
        new TypedVector.U64(longs),
        new TypedVector.U8(maxBytes),
        new TypedVector.U16(maxChars),
        new TypedVector.U32(maxInts),
        new TypedVector.U64(maxLongs),
        new TypedVector.U16(new char[n]),
        new TypedVector.Field(FrVector.of(randoms(n))));
  }

  private static synchronized G1Vector points(int n) {
    Random random = new Random(2);
    while (POINTS.size() < n) {
      // Two in three are the sum of an earlier one and the generator, which is cheap.
      int i = POINTS.size();
      if (i % 64 == 0) {
        MULTIPLES.add(Fr.of(new BigInteger(256, random)));
        POINTS.add(G1.GENERATOR.mul(MULTIPLES.get(i)));
      } else {
        MULTIPLES.add(MULTIPLES.get(i - 1).add(Fr.ONE));
        POINTS.add(POINTS.get(i - 1).add(G1.GENERATOR));
      }
    }
    return G1Vector.of(POINTS.subList(0, n));
  }

  /** The points are known multiples of the generator, so a sum of them is one multiplication. */
  private static G1 expectedMsm(List<Fr> scalars) {
    Fr sum = Fr.ZERO;
    for (int i = 0; i < scalars.size(); i++) {
      sum = sum.add(scalars.get(i).mul(MULTIPLES.get(i)));
    }
    return G1.GENERATOR.mul(sum);
  }

  private static Fr horner(Fr[] c, Fr z) {
    Fr sum = Fr.ZERO;
    for (int i = c.length - 1; i >= 0; i--) {
      sum = sum.mul(z).add(c[i]);
    }
    return sum;
  }

  private DeviceBuffer upload(Fr[] values) {
    return backend.upload(new TypedVector.Field(FrVector.of(values)));
  }

  private void assertElements(Fr[] expected, DeviceBuffer buffer, String what) {
    FrVector actual = backend.download(buffer);
    assertEquals(expected.length, actual.size(), what);
    for (int i = 0; i < expected.length; i++) {
      assertElement(expected[i], actual.get(i), what, i);
    }
  }

  private static void assertElement(Fr expected, Fr actual, String what, int i) {
    assertEquals(expected, actual, () -> what + ", element " + i);
  }

  private Fr randomFr() {
    return Fr.of(new BigInteger(256, random));
  }

  private Fr[] randoms(int n) {
    Fr[] v = new Fr[n];
    Arrays.setAll(v, i -> randomFr());
    return v;
  }

  private static Fr[] fill(int n, Fr value) {
    Fr[] v = new Fr[n];
    Arrays.fill(v, value);
    return v;
  }
}
