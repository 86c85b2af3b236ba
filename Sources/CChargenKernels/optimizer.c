// Operations over the flat buffer of all parameters: the norm of the gradient, averages, and the
// steps of the optimizers.
#include "include/chargen_kernels.h"
#include "work.h"

enum { chunk = 4096 };

typedef struct flat_job {
  const ck_kernels *kernels;
  ptrdiff_t n;
  const ck_adam *adam;
  const ck_sgd *sgd;
  float rate;
  const ck_adaptive *adaptive;
  const float *g;
  float *p, *m, *v, *b;
  double *partial;
} flat_job;

static ptrdiff_t end_of(const flat_job *j, ptrdiff_t piece) {
  return (piece + 1) * chunk < j->n ? (piece + 1) * chunk : j->n;
}

ptrdiff_t ck_partial_count(ptrdiff_t n) { return ck_ceiling(n, chunk); }

static void square_pieces(void *context, ck_turns *turns) {
  const flat_job *j = context;
  for (ptrdiff_t i; (i = ck_next(turns)) >= 0;)
    j->partial[i] = j->kernels->dot(end_of(j, i) - i * chunk, j->g + i * chunk, j->g + i * chunk);
}

double ck_sum_of_squares(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, const float *x, double *partial) {
  flat_job j = {.kernels = kernels, .n = n, .g = x, .partial = partial};
  ck_team_run(team, n * ck_number_work > ck_worth_sharing, ck_partial_count(n), square_pieces, &j);
  double sum = 0;
  for (ptrdiff_t i = 0; i < ck_partial_count(n); i++) sum += partial[i];
  return sum;
}

static void average_pieces(void *context, ck_turns *turns) {
  const flat_job *j = context;
  for (ptrdiff_t i; (i = ck_next(turns)) >= 0;)
    j->kernels->average(end_of(j, i) - i * chunk, j->rate, j->g + i * chunk, j->m + i * chunk);
}

void ck_average(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, float rate, const float *x, float *mean) {
  flat_job j = {.kernels = kernels, .n = n, .rate = rate, .g = x, .m = mean};
  ck_team_run(team, n * ck_number_work > ck_worth_sharing, ck_partial_count(n), average_pieces, &j);
}

static void step_pieces(void *context, ck_turns *turns) {
  const flat_job *j = context;
  for (ptrdiff_t i; (i = ck_next(turns)) >= 0;) {
    const ptrdiff_t at = i * chunk, size = end_of(j, i) - at;
    if (j->adam) j->kernels->adam(size, j->adam, j->g + at, j->p + at, j->m + at, j->v + at);
    else if (j->sgd) j->kernels->sgd(size, j->sgd, j->g + at, j->p + at, j->v ? j->v + at : NULL);
    else
      j->kernels->adaptive(size, j->adaptive, j->g + at, j->p + at, j->m ? j->m + at : NULL, j->v + at,
                           j->b ? j->b + at : NULL);
  }
}

void ck_adam_step(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, const ck_adam *o, const float *g, float *p,
                  float *m, float *v) {
  flat_job j = {.kernels = kernels, .n = n, .adam = o, .g = g, .p = p, .m = m, .v = v};
  ck_team_run(team, n * ck_number_work > ck_worth_sharing, ck_partial_count(n), step_pieces, &j);
}

void ck_sgd_step(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, const ck_sgd *o, const float *g, float *p,
                 float *v) {
  flat_job j = {.kernels = kernels, .n = n, .sgd = o, .g = g, .p = p, .v = v};
  ck_team_run(team, n * ck_number_work > ck_worth_sharing, ck_partial_count(n), step_pieces, &j);
}

void ck_adaptive_step(ck_team *team, const ck_kernels *kernels, ptrdiff_t n, const ck_adaptive *o, const float *g, float *p,
                      float *m, float *v, float *b) {
  flat_job j = {.kernels = kernels, .n = n, .adaptive = o, .g = g, .p = p, .m = m, .v = v, .b = b};
  ck_team_run(team, n * ck_number_work > ck_worth_sharing, ck_partial_count(n), step_pieces, &j);
}
