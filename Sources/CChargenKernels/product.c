// Matrix products over packed panels (after Goto and van de Geijn, "Anatomy of High-Performance Matrix
// Multiplication", 2008: a block of the packed matrix stays in the first-level cache while rows stream past it).
#include <string.h>

#include "include/chargen_kernels.h"
#include "work.h"

enum {
  block_words = 256,   // of K: a panel's block is 256 x 32 words = 32 KiB with the widest vectors
  block_tiles = 16,    // row tiles that share a panel's block while it is in cache
  packed_tiles = 40,   // row tiles of a transposed left side that are packed at once: 640 KiB
  packed_panels = 8,   // panels of the right side that are packed beside them: 256 KiB
};

/// One tile of c [m, n] from column `column` on, through a buffer where the panel is wider than what is left of c.
static void product_tile(const ck_kernels *kernels, ck_precision precision, int m, ptrdiff_t words, const ck_word *a,
                         ptrdiff_t a_row, ptrdiff_t a_step, const ck_word *b, const float *init, float *c,
                         ptrdiff_t n, ptrdiff_t column, int accumulate) {
  const ptrdiff_t width = CK_PANEL_VECTORS * kernels->lanes, filled = n - column < width ? n - column : width;
  c += column;
  if (filled == width) {
    kernels->tile[precision](m, words, a, a_row, a_step, b, init, c, n, accumulate);
    return;
  }
  float edge[CK_MAX_TILE_ROWS * CK_MAX_PANEL];
  kernels->tile[precision](m, words, a, a_row, a_step, b, init, edge, width, 0);
  for (int r = 0; r < m; r++)
    for (ptrdiff_t j = 0; j < filled; j++)
      c[r * n + j] = accumulate ? c[r * n + j] + edge[r * width + j] : edge[r * width + j];
}

/// Row `row` of an operand, in words.
static const ck_word *operand_row(ck_operand a, ptrdiff_t row) {
  return a.precision == CK_BFLOAT16 ? (const ck_word *)((const ck_half *)a.data + row * a.stride)
                                    : (const ck_word *)a.data + row * a.stride;
}

typedef struct product {
  const ck_kernels *kernels;
  ptrdiff_t m, n, k;
  ck_operand a;
  const ck_word *packed;
  const float *bias;
  float *c;
} product;

static void product_block(const product *p, ck_span tiles, ck_span panels, ptrdiff_t depth) {
  const ck_kernels *kernels = p->kernels;
  const ck_precision precision = p->a.precision;
  const ptrdiff_t groups = ck_ceiling(p->m, kernels->tile_rows), width = CK_PANEL_VECTORS * kernels->lanes;
  const ptrdiff_t all = ck_words(precision, p->k), words = all - depth < block_words ? all - depth : block_words;
  const ptrdiff_t a_row = precision == CK_BFLOAT16 ? p->a.stride / 2 : p->a.stride;
  for (ptrdiff_t panel = panels.first; panel < panels.last; panel++) {
    const ptrdiff_t column = panel * width, filled = p->n - column < width ? p->n - column : width;
    float bias[CK_MAX_PANEL] = {0};
    const float *init = NULL;
    if (p->bias && depth == 0) {
      memcpy(bias, p->bias + column, (size_t)filled * sizeof(float));
      init = bias;
    }
    for (ptrdiff_t tile = tiles.first; tile < tiles.last; tile++) {
      const ck_span rows = ck_part(p->m, tile, groups);
      product_tile(kernels, precision, (int)(rows.last - rows.first), words, operand_row(p->a, rows.first) + depth,
                   a_row, 1, p->packed + (panel * all + depth) * width, init, p->c + rows.first * p->n, p->n, column,
                   depth > 0);
    }
  }
}

static void product_share(void *context, ck_team *team, int index, int count) {
  (void)team;
  const product *p = context;
  ck_span tiles = {0, ck_ceiling(p->m, p->kernels->tile_rows)};
  ck_span panels = {0, ck_ceiling(p->n, CK_PANEL_VECTORS * p->kernels->lanes)};
  // Many rows: each member takes some. Few rows: each takes some columns.
  if (tiles.last >= 4 * count) tiles = ck_share(tiles.last, index, count);
  else panels = ck_share(panels.last, index, count);
  const ptrdiff_t words = ck_words(p->a.precision, p->k);
  for (ptrdiff_t first = tiles.first; first < tiles.last; first += block_tiles) {
    const ck_span block = {first, first + block_tiles < tiles.last ? first + block_tiles : tiles.last};
    for (ptrdiff_t depth = 0; depth < words || depth == 0; depth += block_words)
      product_block(p, block, panels, depth);
  }
}

void ck_product(ck_team *team, const ck_kernels *kernels, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, ck_operand a,
                const ck_word *packed, const float *bias, float *c) {
  product p = {kernels, m, n, k, a, packed, bias, c};
  ck_team_run(team, m * n * k > ck_worth_sharing, product_share, &p);
}

typedef struct transposed_product {
  const ck_kernels *kernels;
  ptrdiff_t m, n, k;
  ck_operand a, b;
  ck_word *scratch;
  float *c;
} transposed_product;

enum {
  packed_left = packed_tiles * block_words * CK_TILE_STEP,
  packed_right = packed_panels * block_words * CK_MAX_PANEL,
};

ptrdiff_t ck_transposed_product_scratch(const ck_team *team) {
  return (ptrdiff_t)ck_team_size(team) * (packed_left + packed_right);
}

/// Columns [column, column + width) of rows [row, row + k) of `x`, of which there are `columns`, into words of
/// `step`.
static void pack_some(const ck_kernels *kernels, ck_operand x, ptrdiff_t row, ptrdiff_t k, ptrdiff_t column,
                      ptrdiff_t columns, ptrdiff_t width, ck_word *to, ptrdiff_t step) {
  const ptrdiff_t lanes = kernels->lanes;
  const ptrdiff_t size = x.precision == CK_BFLOAT16 ? sizeof(ck_half) : sizeof(float);
  const char *from = (const char *)x.data + (row * x.stride + column) * size;
  for (ptrdiff_t j = 0; j < width; j += lanes) {
    const ptrdiff_t left = columns - column - j;
    kernels->pack[x.precision](k, (int)(left < 0 ? 0 : left < lanes ? left : lanes), from + j * size, x.stride, to + j,
                               step);
  }
}

static void transposed_product_share(void *context, ck_team *team, int index, int count) {
  (void)team;
  const transposed_product *p = context;
  const ck_kernels *kernels = p->kernels;
  const ck_precision precision = p->a.precision;
  const ptrdiff_t width = CK_PANEL_VECTORS * kernels->lanes, rows_at_once = kernels->tile_rows;
  const ptrdiff_t depth_rows = precision == CK_BFLOAT16 ? 2 * block_words : block_words;
  ck_span tiles = {0, ck_ceiling(p->m, rows_at_once)}, panels = {0, ck_ceiling(p->n, width)};
  if (panels.last >= 4 * count || panels.last >= tiles.last) panels = ck_share(panels.last, index, count);
  else tiles = ck_share(tiles.last, index, count);
  if (tiles.first == tiles.last || panels.first == panels.last) return;
  ck_word *left = p->scratch + (ptrdiff_t)index * (packed_left + packed_right), *right = left + packed_left;
  const ptrdiff_t blocks = ck_ceiling(tiles.last - tiles.first, packed_tiles);
  for (ptrdiff_t row = 0; row < p->k; row += depth_rows) {
    const ptrdiff_t k = p->k - row < depth_rows ? p->k - row : depth_rows, words = ck_words(precision, k);
    for (ptrdiff_t block = 0; block < blocks; block++) {
      const ck_span part = ck_part(tiles.last - tiles.first, block, blocks);
      const ck_span some = {tiles.first + part.first, tiles.first + part.last};
      for (ptrdiff_t tile = some.first; tile < some.last; tile++)
        pack_some(kernels, p->a, row, k, tile * rows_at_once, p->m, rows_at_once,
                  left + (tile - some.first) * block_words * CK_TILE_STEP, CK_TILE_STEP);
      for (ptrdiff_t first = panels.first; first < panels.last; first += packed_panels) {
        const ptrdiff_t last = first + packed_panels < panels.last ? first + packed_panels : panels.last;
        for (ptrdiff_t panel = first; panel < last; panel++)
          pack_some(kernels, p->b, row, k, panel * width, p->n, width, right + (panel - first) * block_words * width,
                    width);
        for (ptrdiff_t panel = first; panel < last; panel++)
          for (ptrdiff_t tile = some.first; tile < some.last; tile++) {
            const ptrdiff_t at = tile * rows_at_once;
            const int m = (int)(p->m - at < rows_at_once ? p->m - at : rows_at_once);
            product_tile(kernels, precision, m, words, left + (tile - some.first) * block_words * CK_TILE_STEP, 1,
                         CK_TILE_STEP, right + (panel - first) * block_words * width, NULL, p->c + at * p->n, p->n,
                         panel * width, row > 0);
          }
      }
    }
  }
}

void ck_transposed_product(ck_team *team, const ck_kernels *kernels, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
                           ck_operand a, ck_operand b, ck_word *scratch, float *c) {
  transposed_product p = {kernels, m, n, k, a, b, scratch, c};
  ck_team_run(team, m * n * k > ck_worth_sharing, transposed_product_share, &p);
}
