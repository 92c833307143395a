package dev.zkwasm.cuda;

import java.util.Locale;

/** The kernels, by their names in {@code src/main/cuda}. What each does and takes is said there. */
enum Kernel implements DeviceFunction {
  FR_EXPAND,
  FR_BINARY,
  FR_AFFINE,
  FR_ADD_SCALED,
  FR_COMBINE,
  FR_POWERS,
  FR_INVERT,
  FR_INNER_PRODUCT,
  FR_SUM,
  FR_RECURRENCE_TOTALS,
  FR_RECURRENCE_APPLY,
  FR_RUNNING_TOTALS,
  FR_RUNNING_APPLY,
  FR_PROGRAM,
  BENCH_MULTIPLY_CHAIN,
  BENCH_MULTIPLY_WIDE,
  NTT_PASS,
  MSM_COUNT,
  MSM_SCATTER,
  SCAN_TOTALS,
  SCAN_APPLY,
  MSM_ACCUMULATE,
  MSM_COMBINE,
  MSM_WEIGH,
  MSM_SUM,
  G1_DOUBLE,
  G1_NORMALIZE;

  private final String symbol = name().toLowerCase(Locale.ROOT);

  @Override
  public String symbol() {
    return symbol;
  }
}
