// Edit distance (Levenshtein) of two texts: how many letters must be inserted, deleted or replaced to make one of the other.
//
// public input   the two texts, with a zero byte between them
// result         the distance, or -1 if the input has no zero byte or a text is longer than 255 bytes
#define ZKWASM(name) __attribute__((import_module("zkwasm"), import_name(#name)))
typedef unsigned char u8;
typedef unsigned int u32;

ZKWASM(input_len) u32 input_len(void);
ZKWASM(input_read) void input_read(void *to, u32 offset, u32 length);

#define MAX 255

static u8 input[2 * MAX + 1];
static u32 row[MAX + 1];

static u32 min(u32 a, u32 b) { return a < b ? a : b; }

__attribute__((export_name("distance"))) int distance(void) {
  u32 length = input_len();
  if (length > sizeof input) return -1;
  input_read(input, 0, length);
  u32 m = 0;
  while (m < length && input[m] != 0) m++;
  if (m == length || m > MAX || length - m - 1 > MAX) return -1;
  const u8 *a = input, *b = input + m + 1;
  u32 n = length - m - 1;
  for (u32 j = 0; j <= n; j++) row[j] = j;
  for (u32 i = 1; i <= m; i++) {
    u32 diagonal = row[0];
    row[0] = i;
    for (u32 j = 1; j <= n; j++) {
      u32 replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = min(replaced, 1 + min(row[j - 1], row[j]));
    }
  }
  return (int)row[n];
}
