// The time loop of recurrent layers. Each step multiplies the state by packed weights, and the cell's tail reads the result
// while it is in the cache; then the threads synchronize. A new cell needs new tails, but no new loop.
#include <stdatomic.h>
#include <string.h>

#include "clock.h"
#include "include/chargen_kernels.h"
#include "operand.h"
#include "work.h"

/// What a phase computes.
typedef enum phase_kind {
  /// A product, and the tail that reads it.
  PRODUCT,
  /// A product that is normalized in the next phase: it is stored.
  RAW_PRODUCT,
  /// The normalization of stored products, and the tail that reads the result. An item is a group of whole rows.
  NORMALIZE,
  /// The gradients of products before the normalization. An item is a group of whole rows.
  NORMALIZE_BACKWARD,
} phase_kind;

/// One phase of a step. All threads finish a phase before the next one begins, if they share its sequences.
typedef struct phase {
  phase_kind kind;
  ck_tail *tail;
  /// The product's left operand [.., k]; step t reads row block t + shift.
  ck_operand left;
  ptrdiff_t shift, k;
  const ck_word *weights;
  /// Number of blocks of hidden units (one item computes one block), of packed panels per block, and of units per block.
  ptrdiff_t blocks, panels_per_block, units;
} phase;

/// One pass over the steps of a layer.
typedef struct recurrence {
  const ck_kernels *kernels;
  const ck_recurrent *cell;
  phase phases[3];
  int phase_count, backward;
  /// Number of groups of rows; a group is at most one tile.
  ptrdiff_t groups;
  /// Whether the work is divided by sequences. Then the groups advance independently, because sequences are independent;
  /// but each thread reads all weights, which must fit its own cache. Otherwise the work is divided by hidden units: each
  /// thread reads only the weights of its units, and the threads synchronize after each phase.
  int by_rows;
  // Only where the work is divided by sequences:
  /// Number of steps that a thread runs before it looks for the group that has advanced least.
  ptrdiff_t steps_at_once;
  /// Number of strands, and the progress of each. A strand is one group or, where there are very many, several neighbours.
  ptrdiff_t strands;
  _Atomic uint32_t *progress;
} recurrence;

/// One work item: a tile of rows and a block of hidden units, or some whole rows.
typedef struct item {
  ptrdiff_t block, row;
  int m;
} item;

static int reads_rows(const phase *p) { return p->kind == NORMALIZE || p->kind == NORMALIZE_BACKWARD; }

/// Number of groups of rows of one phase. Where the work is divided by hidden units, phases over whole rows have more
/// groups than a product has tiles, so that all threads get some.
static ptrdiff_t groups_of(const recurrence *r, const phase *p) {
  enum { rows_at_once = 4 };
  return reads_rows(p) && !r->by_rows ? ck_ceiling(r->cell->N, rows_at_once) : r->groups;
}

/// Number of items of one phase of a step.
static ptrdiff_t items_of(const recurrence *r, const phase *p) { return p->blocks * groups_of(r, p); }

static item item_at(const recurrence *r, const phase *p, ptrdiff_t block, ptrdiff_t group) {
  const ck_span rows = ck_part(r->cell->N, group, groups_of(r, p));
  return (item){.block = block, .row = rows.first, .m = (int)(rows.last - rows.first)};
}

/// Item `index` of a step. Consecutive items share a block, so that a thread keeps the weights of its blocks in its own
/// cache.
static item item_of_step(const recurrence *r, const phase *p, ptrdiff_t index) {
  return item_at(r, p, index / groups_of(r, p), index % groups_of(r, p));
}

/// Number of columns of an item's product.
static ptrdiff_t product_width(const recurrence *r, const phase *p) {
  return p->panels_per_block * CK_PANEL_VECTORS * r->kernels->lanes;
}

/// Computes the product of one item: left [m, k] times the item's panels, side by side in `product`, whose rows lie `step`
/// numbers apart.
static void multiply(const recurrence *r, const phase *p, item i, ptrdiff_t t, float *product, ptrdiff_t step) {
  const ck_kernels *kernels = r->kernels;
  const ptrdiff_t width = CK_PANEL_VECTORS * kernels->lanes, words = ck_words(p->left.precision, p->k);
  const ck_word *left = ck_at(p->left, (t + p->shift) * r->cell->N + i.row, 0);
  for (ptrdiff_t panel = 0; panel < p->panels_per_block; panel++)
    kernels->tile[p->left.precision](i.m, words, left, ck_row_words(p->left), 1,
                                     p->weights + (i.block * p->panels_per_block + panel) * words * width, NULL,
                                     product + panel * width, step, 0);
}

/// Prefetches the cache lines of `bytes` bytes.
static void fetch_lines(const void *from, ptrdiff_t bytes) {
  enum { line = 64 };
  for (ptrdiff_t byte = 0; byte < bytes; byte += line) __builtin_prefetch((const char *)from + byte);
}

/// Prefetches the memory that the item's tail will read and write, so that it arrives while the product is computed.
static void fetch_ahead(const recurrence *r, const phase *p, item i, ptrdiff_t t) {
  const ck_recurrent *s = r->cell;
  const ck_cell_facts facts = ck_facts(s->kind);
  const ptrdiff_t number = (char *)ck_at(s->gates, 0, 1) - (char *)ck_at(s->gates, 0, 0);
  const ptrdiff_t unit = i.block * p->units, units = s->H - unit < p->units ? s->H - unit : p->units;
  const ptrdiff_t floats = units * (ptrdiff_t)sizeof(float);
  for (int row = 0; row < i.m; row++) {
    const ptrdiff_t at = t * s->N + i.row + row, state = s->H * at + unit;
    for (int slot = 0; slot < facts.slots; slot++) fetch_lines(ck_at(s->gates, at, slot * s->H + unit), units * number);
    if (!r->backward) {
      const ptrdiff_t from = s->tokens ? s->tokens[at] : at - s->input_first * s->N;
      for (int gate = 0; gate < facts.inputs; gate++)
        fetch_lines(s->input + (facts.inputs * from + gate) * s->H + unit, floats);
    }
    if (s->cell) fetch_lines(s->cell + state, floats);
    if (r->backward) fetch_lines(s->d_output + state, floats);
    else if (s->cell) fetch_lines(s->cell + state + s->H * s->N, floats);
  }
}

/// The memory of one thread.
typedef struct workspace {
  /// One item's product.
  _Alignas(64) float product[CK_MAX_PRODUCT];
  /// The stored products, from row `first_row` on. Each thread has its own where the work is divided by sequences.
  float *raw;
  ptrdiff_t first_row;
  double *times;
} workspace;

/// Normalizes the stored products of some rows, and runs the tail for all their units. `p` is the phase of the products.
static void normalize_rows(const recurrence *r, const phase *p, ck_tail *tail, item i, ptrdiff_t t, workspace *w) {
  const ck_recurrent *s = r->cell;
  const ck_kernels *kernels = r->kernels;
  const ptrdiff_t width = product_width(r, p), row_width = p->blocks * width, at = t * s->N + i.row;
  const int gates = (int)(width / p->units);
  const float *raw = w->raw + (i.row - w->first_row) * row_width;
  float means[CK_MAX_TILE_ROWS], inverses[CK_MAX_TILE_ROWS];
  for (int row = 0; row < i.m; row++) {
    means[row] = kernels->moments(row_width, gates * s->H, raw + row * row_width, s->epsilon, &inverses[row]);
    if (s->deviations) s->deviations[at + row] = inverses[row];
  }
  for (ptrdiff_t block = 0; block < p->blocks; block++) {
    for (int row = 0; row < i.m; row++)
      kernels->normalize[s->hidden.precision](s, at + row, block, gates, raw + row * row_width + block * width, means[row],
                                              inverses[row], w->product + row * width);
    tail(s, t, i.row, i.m, block, w->product);
  }
}

/// Runs one item of one phase. At the last step of a backward pass there is no next step, and the product is zero.
static void run_item(const recurrence *r, const phase *p, item i, ptrdiff_t t, workspace *w) {
  const uint64_t start = w->times ? ck_nanoseconds() : 0;
  uint64_t middle = start;
  switch (p->kind) {
    case PRODUCT:
      fetch_ahead(r, p, i, t);
      if (p->shift > 0 && t == r->cell->last - 1)
        memset(w->product, 0, (size_t)(i.m * product_width(r, p)) * sizeof(float));
      else
        multiply(r, p, i, t, w->product, product_width(r, p));
      middle = w->times ? ck_nanoseconds() : 0;
      p->tail(r->cell, t, i.row, i.m, i.block, w->product);
      break;
    case RAW_PRODUCT: {
      const ptrdiff_t width = product_width(r, p), step = p->blocks * width;
      multiply(r, p, i, t, w->raw + (i.row - w->first_row) * step + i.block * width, step);
      middle = w->times ? ck_nanoseconds() : 0;
      break;
    }
    case NORMALIZE: normalize_rows(r, p - 1, p->tail, i, t, w); break;
    case NORMALIZE_BACKWARD:
      for (int row = 0; row < i.m; row++)
        r->kernels->normalize_backward[r->cell->hidden.precision](r->cell, t * r->cell->N + i.row + row);
      break;
  }
  if (w->times) {
    w->times[0] += (double)(middle - start);
    w->times[1] += (double)(ck_nanoseconds() - middle);
  }
}

/// Computes the gradient of the initial state: the part through the first step's product and the part that bypasses it.
static void finish_item(const recurrence *r, item i, float *product) {
  const ck_recurrent *s = r->cell;
  const phase *p = &r->phases[0];
  multiply(r, p, i, s->first - p->shift, product, product_width(r, p));
  const int past = s->mask || s->kind == CK_GRU || s->kind == CK_GRU_RESET_BEFORE;
  const ptrdiff_t unit = i.block * p->units, units = s->H - unit < p->units ? s->H - unit : p->units;
  for (int row = 0; row < i.m; row++) {
    float *to = s->d_hidden + (i.row + row) * s->H + unit;
    for (ptrdiff_t j = 0; j < units; j++) {
      float through = product[row * product_width(r, p) + j];
      if (s->dropout) through *= s->dropout[(i.row + row) * s->H + unit + j];
      to[j] = past ? to[j] + through : through;
    }
  }
}

/// The step that runs `n`-th.
static ptrdiff_t step_at(const recurrence *r, ptrdiff_t n) {
  return r->backward ? r->cell->last - 1 - n : r->cell->first + n;
}

// Division by sequences. A strand's progress is twice the number of pieces of its steps that are done, plus one while a
// thread runs the next piece. A free thread takes the strand that has advanced least, so that all strands finish at nearly
// the same time, also where the system takes a processor away from a thread: the others take over its strands, except for
// the piece that it is running.

enum { most_strands = 256 };

static ptrdiff_t pieces_of(const recurrence *r) {
  return ck_ceiling(r->cell->last - r->cell->first, r->steps_at_once);
}

/// Takes the strand that has advanced least, of equals the one nearest to the member's own part; writes its next piece.
/// Returns -1 where all strands are finished or being run: then there is nothing to do for one more thread.
static ptrdiff_t take_strand(const recurrence *r, const ck_turns *turns, ptrdiff_t *piece) {
  const ptrdiff_t own = ck_part(r->strands, turns->index, turns->count).first;
  for (;;) {
    ptrdiff_t best = -1;
    uint32_t least = (uint32_t)(2 * pieces_of(r));
    for (ptrdiff_t i = 0; i < r->strands; i++) {
      const ptrdiff_t strand = (own + i) % r->strands;
      const uint32_t progress = atomic_load_explicit(&r->progress[strand], memory_order_relaxed);
      if (progress % 2 == 0 && progress < least) best = strand, least = progress;
    }
    if (best < 0) return -1;
    *piece = least / 2;
    // The order makes the results of the strand's earlier pieces visible to this thread.
    if (atomic_compare_exchange_strong_explicit(&r->progress[best], &least, least + 1, memory_order_acquire,
                                                memory_order_relaxed))
      return best;
  }
}

static void run_strands(const recurrence *r, ck_turns *turns, workspace *w) {
  const ptrdiff_t steps = r->cell->last - r->cell->first;
  for (ptrdiff_t strand, piece; (strand = take_strand(r, turns, &piece)) >= 0;) {
    const ptrdiff_t first = piece * r->steps_at_once, rest = steps - first;
    const ptrdiff_t end = first + (rest < r->steps_at_once ? rest : r->steps_at_once);
    const ck_span groups = ck_part(r->groups, strand, r->strands);
    for (ptrdiff_t group = groups.first; group < groups.last; group++) {
      w->first_row = item_at(r, r->phases, 0, group).row;
      for (ptrdiff_t n = first; n < end; n++)
        for (const phase *p = r->phases; p < r->phases + r->phase_count; p++)
          for (ptrdiff_t block = 0; block < p->blocks; block++)
            run_item(r, p, item_at(r, p, block, group), step_at(r, n), w);
      if (r->backward && end == steps)
        for (ptrdiff_t block = 0; block < r->phases[0].blocks; block++)
          finish_item(r, item_at(r, r->phases, block, group), w->product);
    }
    atomic_fetch_add_explicit(&r->progress[strand], 1, memory_order_release);
  }
}

/// Number of floats in one row of stored products.
static ptrdiff_t raw_width(const ck_kernels *kernels, ck_cell kind, ptrdiff_t h) {
  // A product has the columns of its packed weights, of which one row of float32 is one word for each.
  return ck_packed_gates_size(kernels, CK_FLOAT32, 1, h, ck_facts(kind).gates);
}

ptrdiff_t ck_recurrent_scratch(const ck_team *team, const ck_kernels *kernels, ck_cell kind, ptrdiff_t n, ptrdiff_t h) {
  const ptrdiff_t tiles = (ptrdiff_t)kernels->tile_rows * ck_team_size(team);
  return (n > tiles ? n : tiles) * raw_width(kernels, kind, h);
}

static void run_members(void *context, ck_turns *turns) {
  const recurrence *r = context;
  const ck_recurrent *s = r->cell;
  const ptrdiff_t steps = s->last - s->first;
  workspace w = {.raw = s->raw, .times = turns->index == 0 ? s->times : NULL};
  if (r->by_rows) {
    if (w.raw) w.raw += turns->index * r->kernels->tile_rows * raw_width(r->kernels, s->kind, s->H);
    run_strands(r, turns, &w);
    return;
  }
  for (ptrdiff_t n = 0; n < steps; n++)
    for (int k = 0; k < r->phase_count; k++) {
      for (ptrdiff_t index; (index = ck_next(turns)) >= 0;)
        run_item(r, &r->phases[k], item_of_step(r, &r->phases[k], index), step_at(r, n), &w);
      ck_meet(turns, items_of(r, &r->phases[(k + 1) % r->phase_count]));
    }
  if (r->backward)
    for (ptrdiff_t index; (index = ck_next(turns)) >= 0;)
      finish_item(r, item_of_step(r, r->phases, index), w.product);
}

/// Chooses how to divide the work, and runs the pass.
static void run(ck_team *team, recurrence *r) {
  // A piece of a strand is worth about 50 microseconds: long against the choice of a strand, short against a pass.
  enum { own_cache = 1 << 20, least_rows = 4, piece_work = 4000000 };
  const ck_recurrent *s = r->cell;
  const ptrdiff_t size = ck_team_size(team), steps = s->last - s->first;
  ptrdiff_t weights = 0, row_work = 0;  // words; multiply-adds for one row in one step
  for (const phase *p = r->phases; p < r->phases + r->phase_count; p++) {
    if (reads_rows(p)) continue;
    weights += p->blocks * product_width(r, p) * ck_words(s->hidden.precision, p->k);
    row_work += p->blocks * product_width(r, p) * p->k;
  }
  r->groups = ck_ceiling(s->N, r->kernels->tile_rows);
  r->by_rows = weights * (ptrdiff_t)sizeof(ck_word) <= own_cache && s->N >= least_rows * size && steps > 0;
  if (!r->by_rows) {
    ck_team_run(team, s->N * row_work > ck_worth_sharing, items_of(r, &r->phases[0]), run_members, r);
    return;
  }
  // All threads get the same number of groups, so that they finish together. A row's sums do not depend on its group.
  r->groups = ck_ceiling(r->groups, size) * size;
  r->strands = r->groups < most_strands ? r->groups : most_strands;
  r->steps_at_once = piece_work / (ck_ceiling(s->N, r->strands) * row_work + 1) + 1;
  _Atomic uint32_t progress[most_strands];
  for (ptrdiff_t strand = 0; strand < r->strands; strand++) atomic_init(&progress[strand], 0);
  r->progress = progress;
  ck_team_run(team, steps * s->N * row_work > ck_worth_sharing, 0, run_members, r);
}

/// Adds a phase of the forward pass: a product with weights of `gates` gates, packed by ck_pack_gates, and its tail.
static void add_forward(recurrence *r, ck_tail *tail, ck_operand left, const ck_word *weights, int gates) {
  const ptrdiff_t vectors = ck_gate_vectors(gates), units = vectors * r->kernels->lanes, H = r->cell->H;
  r->phases[r->phase_count++] =
      (phase){.tail = tail, .left = left, .k = H, .weights = weights, .blocks = ck_ceiling(H, units),
              .panels_per_block = gates * vectors / CK_PANEL_VECTORS, .units = units};
}

/// Adds a phase of the backward pass: the product of gradients `left` [.., k], of the same step or (shift 1) of the next one.
static void add_backward(recurrence *r, ck_tail *tail, ptrdiff_t shift, ck_operand left, ptrdiff_t k,
                         const ck_word *weights) {
  const ptrdiff_t width = CK_PANEL_VECTORS * r->kernels->lanes;
  r->phases[r->phase_count++] = (phase){.tail = tail, .left = left, .shift = shift, .k = k, .weights = weights,
                                        .blocks = ck_ceiling(r->cell->H, width), .panels_per_block = 1, .units = width};
}

/// The gates from slot `slot` on.
static ck_operand slots_from(const ck_recurrent *s, int slot) {
  return (ck_operand){s->gates.precision, ck_at(s->gates, 0, slot * s->H), s->gates.stride};
}

void ck_recurrent_forward(ck_team *team, const ck_kernels *kernels, const ck_recurrent *s) {
  const ck_precision precision = s->hidden.precision;
  const ck_operand state = s->dropout ? s->dropped : s->hidden;
  recurrence r = {.kernels = kernels, .cell = s};
  if (s->kind == CK_MLSTM) add_forward(&r, kernels->multiply[precision], state, s->second, 1);
  add_forward(&r, kernels->forward[s->kind][precision], s->kind == CK_MLSTM ? s->intermediate : state, s->recurrent,
              s->product_gates);
  if (s->gain) {
    phase *product = &r.phases[r.phase_count - 1];
    product->kind = RAW_PRODUCT;
    r.phases[r.phase_count++] = (phase){.kind = NORMALIZE, .tail = product->tail, .blocks = 1};
  }
  if (s->kind == CK_GRU_RESET_BEFORE) add_forward(&r, kernels->candidate[precision], s->intermediate, s->second, 1);
  run(team, &r);
}

void ck_recurrent_backward(ck_team *team, const ck_kernels *kernels, const ck_recurrent *s) {
  const ck_precision precision = s->hidden.precision;
  const ck_cell_facts facts = ck_facts(s->kind);
  const ptrdiff_t gates = facts.gates * s->H;
  const ck_operand products = s->gain ? s->d_product : slots_from(s, facts.first_gate);
  ck_tail *tail = kernels->backward[s->kind][precision];
  recurrence r = {.kernels = kernels, .cell = s, .backward = 1};
  if (s->kind == CK_MLSTM) add_backward(&r, tail, 1, slots_from(s, 5), s->H, s->second);
  else add_backward(&r, tail, 1, products, gates, s->recurrent);
  if (s->gain) r.phases[r.phase_count++] = (phase){.kind = NORMALIZE_BACKWARD, .blocks = 1};
  if (s->kind == CK_MLSTM) add_backward(&r, kernels->multiply_backward[precision], 0, products, gates, s->recurrent);
  if (s->kind == CK_GRU_RESET_BEFORE)
    add_backward(&r, kernels->candidate_backward[precision], 0, slots_from(s, 0), s->H, s->second);
  run(team, &r);
}
