// The time loop of recurrent layers. Each step multiplies the state by packed weights, and the cell's tail reads the result
// while it is in the cache; then the threads synchronize. A new cell needs new tails, but no new loop.
#include <stdatomic.h>
#include <string.h>

#include "clock.h"
#include "include/chargen_kernels.h"
#include "operand.h"
#include "work.h"

/// One product of a step and the tail that reads it. All cells have one phase, except that CK_GRU_RESET_BEFORE has two.
typedef struct phase {
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
  phase phases[2];
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

/// One work item: a tile of rows and a block of hidden units.
typedef struct item {
  ptrdiff_t block, row;
  int m;
} item;

/// Number of items of one phase of a step.
static ptrdiff_t items_of(const recurrence *r, const phase *p) { return p->blocks * r->groups; }

static item item_at(const recurrence *r, ptrdiff_t block, ptrdiff_t group) {
  const ck_span rows = ck_part(r->cell->N, group, r->groups);
  return (item){.block = block, .row = rows.first, .m = (int)(rows.last - rows.first)};
}

/// Item `index` of a step. Consecutive items share a block, so that a thread keeps the weights of its blocks in its own
/// cache.
static item item_of_step(const recurrence *r, ptrdiff_t index) {
  return item_at(r, index / r->groups, index % r->groups);
}

/// Number of columns of an item's product.
static ptrdiff_t product_width(const recurrence *r, const phase *p) {
  return p->panels_per_block * CK_PANEL_VECTORS * r->kernels->lanes;
}

/// Computes the product of one item: left [m, k] times the item's panels, side by side in `product`.
static void multiply(const recurrence *r, const phase *p, item i, ptrdiff_t t, float *product) {
  const ck_kernels *kernels = r->kernels;
  const ptrdiff_t width = CK_PANEL_VECTORS * kernels->lanes, words = ck_words(p->left.precision, p->k);
  const ck_word *left = ck_at(p->left, (t + p->shift) * r->cell->N + i.row, 0);
  for (ptrdiff_t panel = 0; panel < p->panels_per_block; panel++)
    kernels->tile[p->left.precision](i.m, words, left, ck_row_words(p->left), 1,
                                     p->weights + (i.block * p->panels_per_block + panel) * words * width, NULL,
                                     product + panel * width, product_width(r, p), 0);
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

/// Runs one item of one phase: the product and then the tail. At the last step of a backward pass there is no next step,
/// and the product is zero.
static void run_item(const recurrence *r, const phase *p, item i, ptrdiff_t t, double *times, float *product) {
  const uint64_t start = times ? ck_nanoseconds() : 0;
  fetch_ahead(r, p, i, t);
  if (p->shift > 0 && t == r->cell->last - 1) memset(product, 0, (size_t)(i.m * product_width(r, p)) * sizeof(float));
  else multiply(r, p, i, t, product);
  const uint64_t middle = times ? ck_nanoseconds() : 0;
  p->tail(r->cell, t, i.row, i.m, i.block, product);
  if (times) {
    times[0] += (double)(middle - start);
    times[1] += (double)(ck_nanoseconds() - middle);
  }
}

/// Computes the gradient of the initial state: the part through the first step's product and the part that bypasses it.
static void finish_item(const recurrence *r, item i, float *product) {
  const ck_recurrent *s = r->cell;
  const phase *p = &r->phases[0];
  multiply(r, p, i, s->first - p->shift, product);
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

static void run_strands(const recurrence *r, ck_turns *turns, double *times, float *product) {
  const ptrdiff_t steps = r->cell->last - r->cell->first;
  for (ptrdiff_t strand, piece; (strand = take_strand(r, turns, &piece)) >= 0;) {
    const ptrdiff_t first = piece * r->steps_at_once, rest = steps - first;
    const ptrdiff_t end = first + (rest < r->steps_at_once ? rest : r->steps_at_once);
    const ck_span groups = ck_part(r->groups, strand, r->strands);
    for (ptrdiff_t group = groups.first; group < groups.last; group++) {
      for (ptrdiff_t n = first; n < end; n++)
        for (const phase *p = r->phases; p < r->phases + r->phase_count; p++)
          for (ptrdiff_t block = 0; block < p->blocks; block++)
            run_item(r, p, item_at(r, block, group), step_at(r, n), times, product);
      if (r->backward && end == steps)
        for (ptrdiff_t block = 0; block < r->phases[0].blocks; block++)
          finish_item(r, item_at(r, block, group), product);
    }
    atomic_fetch_add_explicit(&r->progress[strand], 1, memory_order_release);
  }
}

static void run_members(void *context, ck_turns *turns) {
  const recurrence *r = context;
  const ck_recurrent *s = r->cell;
  const ptrdiff_t steps = s->last - s->first;
  double *times = turns->index == 0 ? s->times : NULL;
  _Alignas(64) float product[CK_MAX_PRODUCT];
  if (r->by_rows) {
    run_strands(r, turns, times, product);
    return;
  }
  for (ptrdiff_t n = 0; n < steps; n++)
    for (int k = 0; k < r->phase_count; k++) {
      for (ptrdiff_t index; (index = ck_next(turns)) >= 0;)
        run_item(r, &r->phases[k], item_of_step(r, index), step_at(r, n), times, product);
      ck_meet(turns, items_of(r, &r->phases[(k + 1) % r->phase_count]));
    }
  if (r->backward)
    for (ptrdiff_t index; (index = ck_next(turns)) >= 0;) finish_item(r, item_of_step(r, index), product);
}

/// Chooses how to divide the work, and runs the pass.
static void run(ck_team *team, recurrence *r) {
  // A piece of a strand is worth about 50 microseconds: long against the choice of a strand, short against a pass.
  enum { own_cache = 1 << 20, least_rows = 4, piece_work = 4000000 };
  const ck_recurrent *s = r->cell;
  const ptrdiff_t size = ck_team_size(team), steps = s->last - s->first;
  ptrdiff_t weights = 0, row_work = 0;  // words; multiply-adds for one row in one step
  for (const phase *p = r->phases; p < r->phases + r->phase_count; p++) {
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

/// A phase of the forward pass: the weights have `gates` gates and are packed by ck_pack_gates.
static phase forward_phase(const ck_kernels *kernels, const ck_recurrent *s, ck_tail *tail, ck_operand left,
                           const ck_word *weights, int gates) {
  const ptrdiff_t vectors = ck_gate_vectors(gates), units = vectors * kernels->lanes;
  return (phase){.tail = tail, .left = left, .k = s->H, .weights = weights, .blocks = ck_ceiling(s->H, units),
                 .panels_per_block = gates * vectors / CK_PANEL_VECTORS, .units = units};
}

/// A phase of the backward pass: the left operand is the gradients [.., k] in `gates`, from slot `slot` on.
static phase backward_phase(const ck_kernels *kernels, const ck_recurrent *s, ck_tail *tail, ptrdiff_t shift, int slot,
                            ptrdiff_t k, const ck_word *weights) {
  const ptrdiff_t width = CK_PANEL_VECTORS * kernels->lanes;
  const ck_operand left = {s->gates.precision, ck_at(s->gates, 0, slot * s->H), s->gates.stride};
  return (phase){.tail = tail, .left = left, .shift = shift, .k = k, .weights = weights,
                 .blocks = ck_ceiling(s->H, width), .panels_per_block = 1, .units = width};
}

void ck_recurrent_forward(ck_team *team, const ck_kernels *kernels, const ck_recurrent *s) {
  const ck_precision precision = s->hidden.precision;
  const ck_operand state = s->dropout ? s->dropped : s->hidden;
  recurrence r = {.kernels = kernels, .cell = s, .phase_count = 1};
  r.phases[0] = forward_phase(kernels, s, kernels->forward[s->kind][precision], state, s->recurrent, s->product_gates);
  if (s->kind == CK_GRU_RESET_BEFORE) {
    r.phases[1] = forward_phase(kernels, s, kernels->candidate[precision], s->reset, s->candidate, 1);
    r.phase_count = 2;
  }
  run(team, &r);
}

void ck_recurrent_backward(ck_team *team, const ck_kernels *kernels, const ck_recurrent *s) {
  const ck_precision precision = s->hidden.precision;
  const ck_cell_facts facts = ck_facts(s->kind);
  recurrence r = {.kernels = kernels, .cell = s, .phase_count = 1, .backward = 1};
  r.phases[0] = backward_phase(kernels, s, kernels->backward[s->kind][precision], 1, facts.first_gate,
                               facts.gates * s->H, s->recurrent);
  if (s->kind == CK_GRU_RESET_BEFORE) {
    r.phases[1] = backward_phase(kernels, s, kernels->candidate_backward[precision], 0, 0, s->H, s->candidate);
    r.phase_count = 2;
  }
  run(team, &r);
}
