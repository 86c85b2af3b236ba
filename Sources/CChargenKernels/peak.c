// The peak speed of products: repeated multiplication of a tile whose operands stay in the first-level cache.
#include "include/chargen_kernels.h"

enum { peak_words = 128 };

typedef struct peak_job {
  const ck_kernels *kernels;
  ck_precision precision;
} peak_job;

static void multiply_tiles(void *context, ck_turns *turns) {
  const peak_job *j = context;
  const int rows = j->kernels->tile_rows;
  ck_word a[peak_words * CK_TILE_STEP], b[peak_words * CK_MAX_PANEL] __attribute__((aligned(64)));
  float c[CK_MAX_TILE_ROWS * CK_MAX_PANEL] __attribute__((aligned(64)));
  // Different numbers near one (0x3f80 is the upper half of a float32 or a bfloat16): zeros would draw less power.
  for (size_t i = 0; i < sizeof a / sizeof *a; i++) a[i] = 0x3f803f80u | (ck_word)(i * 2654435761u & 0x007f007fu);
  for (size_t i = 0; i < sizeof b / sizeof *b; i++) b[i] = 0xbf803f80u | (ck_word)(i * 2246822519u & 0x007f007fu);
  while (ck_next(turns) >= 0)
    j->kernels->tile[j->precision](rows, peak_words, a, 1, CK_TILE_STEP, b, NULL, c,
                                   CK_PANEL_VECTORS * j->kernels->lanes, 0);
}

double ck_peak(ck_team *team, const ck_kernels *kernels, ck_precision precision, int repetitions) {
  peak_job j = {kernels, precision};
  ck_team_run(team, 1, (ptrdiff_t)repetitions * ck_team_size(team), multiply_tiles, &j);
  const double numbers = precision == CK_BFLOAT16 ? 2 * peak_words : peak_words;
  return 2.0 * numbers * kernels->tile_rows * CK_PANEL_VECTORS * kernels->lanes * repetitions * ck_team_size(team);
}
