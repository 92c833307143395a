// Statistics of secret readings as an Extension: an ordinary C program for WASI, with floating-point numbers and stdio.
//
// public input   (stdin) the unit of the readings, one word
// private input  (file descriptor 3) readings, decimal numbers between blanks
// output         one line for each statistic
//
// Exit code 1: no unit is given; 2: there are no readings, or something else than numbers. README.md has the build command.
#include <math.h>
#include <stdio.h>

int main(void) {
  char unit[17];
  if (scanf("%16s", unit) != 1) return 1;
  FILE *readings = fdopen(3, "r");
  if (!readings) return 2;
  double x, low = INFINITY, high = -INFINITY, mean = 0, squares = 0;
  int n = 0, found;
  while ((found = fscanf(readings, "%lf", &x)) == 1) {
    // Welford, Note on a method for calculating corrected sums of squares and products, 1962.
    double distance = x - mean;
    mean += distance / ++n;
    squares += distance * (x - mean);
    low = fmin(low, x);
    high = fmax(high, x);
  }
  if (n == 0 || found == 0) return 2;
  printf("readings %d\n", n);
  printf("mean     %.6f %s\n", mean, unit);
  printf("standard deviation %.6f %s\n", n > 1 ? sqrt(squares / (n - 1)) : 0, unit);
  printf("range    %g to %g %s\n", low, high, unit);
  return 0;
}
