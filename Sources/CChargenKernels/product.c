// Packing, and matrix products over packed panels (after Goto and van de Geijn, "Anatomy of High-Performance Matrix
// Multiplication", 2008: a block of the packed matrix stays in the first-level cache while rows stream past it).
#include <string.h>

#include "include/chargen_kernels.h"
#include "work.h"

enum {
  block_depth = 128,    // of K: a panel's block is 128 x 64 floats = 32 KiB with the widest vectors
  block_tiles = 16,     // row tiles that share a panel's block while it is in cache
};

ptrdiff_t ck_packed_size(const ck_kernels *kernels, ptrdiff_t k, ptrdiff_t n) {
  const ptrdiff_t width = CK_PANEL_VECTORS * kernels->lanes;
  return ck_ceiling(n, width) * k * width;
}

ptrdiff_t ck_packed_gates_size(const ck_kernels *kernels, ptrdiff_t k, ptrdiff_t h) {
  return ck_ceiling(h, kernels->lanes) * k * CK_PANEL_VECTORS * kernels->lanes;
}

typedef struct packing {
  const ck_kernels *kernels;
  ptrdiff_t k, n, row, column;
  const float *b;
  float *packed;
} packing;

static void pack_share(void *context, ck_team *team, int index, int count) {
  (void)team;
  const packing *p = context;
  const ptrdiff_t width = CK_PANEL_VECTORS * p->kernels->lanes, k = p->k;
  const ck_span panels = ck_share(ck_ceiling(p->n, width), index, count);
  for (ptrdiff_t panel = panels.first; panel < panels.last; panel++) {
    float *to = p->packed + panel * k * width;
    const float *from = p->b + panel * width * p->column;
    const ptrdiff_t filled = p->n - panel * width < width ? p->n - panel * width : width;
    if (filled < width) memset(to, 0, (size_t)(k * width) * sizeof(float));
    if (p->column == 1) {
      for (ptrdiff_t i = 0; i < k; i++) memcpy(to + i * width, from + i * p->row, (size_t)filled * sizeof(float));
    } else {
      // Read a cache line of each column at a time, not one float.
      for (ptrdiff_t block = 0; block < k; block += 16) {
        const ptrdiff_t end = block + 16 < k ? block + 16 : k;
        for (ptrdiff_t j = 0; j < filled; j++)
          for (ptrdiff_t i = block; i < end; i++) to[i * width + j] = from[j * p->column + i * p->row];
      }
    }
  }
}

void ck_pack(ck_team *team, const ck_kernels *kernels, ptrdiff_t k, ptrdiff_t n, const float *b, ptrdiff_t row,
             ptrdiff_t column, float *packed) {
  packing p = {kernels, k, n, row, column, b, packed};
  ck_team_run(team, k * n > ck_worth_sharing, pack_share, &p);
}

static void pack_gates_share(void *context, ck_team *team, int index, int count) {
  (void)team;
  const packing *p = context;
  const ptrdiff_t lanes = p->kernels->lanes, width = CK_PANEL_VECTORS * lanes, h = p->n;
  const ck_span panels = ck_share(ck_ceiling(h, lanes), index, count);
  for (ptrdiff_t panel = panels.first; panel < panels.last; panel++) {
    const ptrdiff_t unit = panel * lanes, filled = h - unit < lanes ? h - unit : lanes;
    float *to = p->packed + panel * p->k * width;
    if (filled < lanes) memset(to, 0, (size_t)(p->k * width) * sizeof(float));
    for (ptrdiff_t i = 0; i < p->k; i++, to += width)
      for (int gate = 0; gate < CK_PANEL_VECTORS; gate++)
        memcpy(to + gate * lanes, p->b + (i * CK_PANEL_VECTORS + gate) * h + unit, (size_t)filled * sizeof(float));
  }
}

void ck_pack_gates(ck_team *team, const ck_kernels *kernels, ptrdiff_t k, ptrdiff_t h, const float *b, float *packed) {
  packing p = {kernels, k, h, 0, 1, b, packed};
  ck_team_run(team, k * h > ck_worth_sharing, pack_gates_share, &p);
}

typedef struct product {
  const ck_kernels *kernels;
  ptrdiff_t m, n, k, a_row, a_column;
  const float *a, *packed, *bias;
  float *c;
  int accumulate;
} product;

/// Rows of `a` regrouped tile by tile as [k, tile_rows], where they do not lie along k already.
static void regroup(const product *p, ck_span tiles, ptrdiff_t rows, ptrdiff_t depth, ptrdiff_t k, float *to) {
  for (ptrdiff_t tile = tiles.first; tile < tiles.last; tile++, to += rows * block_depth) {
    const ptrdiff_t row = tile * rows, m = p->m - row < rows ? p->m - row : rows;
    for (ptrdiff_t i = 0; i < k; i++)
      for (ptrdiff_t r = 0; r < m; r++)
        to[i * rows + r] = p->a[(row + r) * p->a_row + (depth + i) * p->a_column];
  }
}

static void product_block(const product *p, ck_span tiles, ck_span panels, ptrdiff_t depth, float *regrouped) {
  const ck_kernels *kernels = p->kernels;
  const ptrdiff_t rows = kernels->tile_rows, width = CK_PANEL_VECTORS * kernels->lanes;
  const ptrdiff_t k = p->k - depth < block_depth ? p->k - depth : block_depth;
  const int along = p->a_column == 1, accumulate = p->accumulate || depth > 0;
  if (!along) regroup(p, tiles, rows, depth, k, regrouped);
  for (ptrdiff_t panel = panels.first; panel < panels.last; panel++) {
    const float *b = p->packed + (panel * p->k + depth) * width;
    const ptrdiff_t column = panel * width, filled = p->n - column < width ? p->n - column : width;
    float bias[CK_MAX_PANEL] = {0}, edge[CK_MAX_TILE];
    const float *init = NULL;
    if (p->bias && depth == 0) {
      memcpy(bias, p->bias + column, (size_t)filled * sizeof(float));
      init = bias;
    }
    for (ptrdiff_t tile = tiles.first; tile < tiles.last; tile++) {
      const ptrdiff_t row = tile * rows;
      const int m = (int)(p->m - row < rows ? p->m - row : rows);
      const float *a = along ? p->a + row * p->a_row + depth : regrouped + (tile - tiles.first) * rows * block_depth;
      const ptrdiff_t a_row = along ? p->a_row : 1, a_step = along ? 1 : rows;
      float *c = p->c + row * p->n + column;
      if (filled == width) {
        kernels->tile(m, k, a, a_row, a_step, b, init, c, p->n, accumulate);
        continue;
      }
      kernels->tile(m, k, a, a_row, a_step, b, init, edge, width, 0);
      for (int r = 0; r < m; r++)
        for (ptrdiff_t j = 0; j < filled; j++)
          c[r * p->n + j] = accumulate ? c[r * p->n + j] + edge[r * width + j] : edge[r * width + j];
    }
  }
}

static void product_share(void *context, ck_team *team, int index, int count) {
  (void)team;
  const product *p = context;
  const ptrdiff_t width = CK_PANEL_VECTORS * p->kernels->lanes;
  ck_span tiles = {0, ck_ceiling(p->m, p->kernels->tile_rows)}, panels = {0, ck_ceiling(p->n, width)};
  // Many rows: each member takes some. Few rows (sampling): each takes some columns.
  if (tiles.last >= 4 * count) tiles = ck_share(tiles.last, index, count);
  else panels = ck_share(panels.last, index, count);
  float regrouped[block_tiles * CK_MAX_TILE_ROWS * block_depth];
  for (ptrdiff_t first = tiles.first; first < tiles.last; first += block_tiles) {
    const ck_span block = {first, first + block_tiles < tiles.last ? first + block_tiles : tiles.last};
    for (ptrdiff_t depth = 0; depth < p->k; depth += block_depth) product_block(p, block, panels, depth, regrouped);
  }
}

void ck_product(ck_team *team, const ck_kernels *kernels, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *a,
                ptrdiff_t a_row, ptrdiff_t a_column, const float *packed, const float *bias, float *c, int accumulate) {
  product p = {kernels, m, n, k, a_row, a_column, a, packed, bias, c, accumulate};
  ck_team_run(team, m * n * k > ck_worth_sharing, product_share, &p);
}
