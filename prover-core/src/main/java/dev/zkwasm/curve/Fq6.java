package dev.zkwasm.curve;

/**
 * An element {@code c0 + c1 v + c2 v^2} of {@code Fq2[v] / (v^3 - XI)}.
 *
 * @param c0 coefficient of 1
 * @param c1 coefficient of v
 * @param c2 coefficient of v squared
 */
record Fq6(Fq2 c0, Fq2 c1, Fq2 c2) {
  static final Fq6 ZERO = new Fq6(Fq2.ZERO, Fq2.ZERO, Fq2.ZERO);
  static final Fq6 ONE = new Fq6(Fq2.ONE, Fq2.ZERO, Fq2.ZERO);

  Fq6 add(Fq6 o) {
    return new Fq6(c0.add(o.c0), c1.add(o.c1), c2.add(o.c2));
  }

  Fq6 sub(Fq6 o) {
    return new Fq6(c0.sub(o.c0), c1.sub(o.c1), c2.sub(o.c2));
  }

  Fq6 negate() {
    return new Fq6(c0.negate(), c1.negate(), c2.negate());
  }

  Fq6 mul(Fq6 o) {
    Fq2 v0 = c0.mul(o.c0);
    Fq2 v1 = c1.mul(o.c1);
    Fq2 v2 = c2.mul(o.c2);
    Fq2 t12 = c1.add(c2).mul(o.c1.add(o.c2)).sub(v1).sub(v2);
    Fq2 t01 = c0.add(c1).mul(o.c0.add(o.c1)).sub(v0).sub(v1);
    Fq2 t02 = c0.add(c2).mul(o.c0.add(o.c2)).sub(v0).sub(v2);
    return new Fq6(v0.add(t12.mulByXi()), t01.add(v2.mulByXi()), t02.add(v1));
  }

  /** {@code this * (a + b v)}. */
  Fq6 mulSparse(Fq2 a, Fq2 b) {
    Fq2 v0 = c0.mul(a);
    Fq2 v1 = c1.mul(b);
    Fq2 t01 = c0.add(c1).mul(a.add(b)).sub(v0).sub(v1);
    return new Fq6(v0.add(c2.mul(b).mulByXi()), t01, v1.add(c2.mul(a)));
  }

  /** {@code this * v}. */
  Fq6 mulByV() {
    return new Fq6(c2.mulByXi(), c0, c1);
  }

  Fq6 inverse() {
    Fq2 a = c0.square().sub(c1.mul(c2).mulByXi());
    Fq2 b = c2.square().mulByXi().sub(c0.mul(c1));
    Fq2 c = c1.square().sub(c0.mul(c2));
    Fq2 norm = c0.mul(a).add(c2.mul(b).add(c1.mul(c)).mulByXi());
    Fq2 i = norm.inverse();
    return new Fq6(a.mul(i), b.mul(i), c.mul(i));
  }
}
