// The team of threads.
#include "include/chargen_team.h"
#include "clock.h"
#include "work.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

// A waiting thread first spins, for less time than a wake-up by the system takes. Then it yields the processor for half a
// millisecond, the time between two operations of a training step. Then it sleeps, so that an oversubscribed machine stays
// usable. The limits are times, because one pause takes between 1 and 50 nanoseconds, depending on the processor.
enum { spin_nanoseconds = 50000, yield_nanoseconds = 500000, pauses_per_look_at_the_clock = 16 };

/// The remaining items of a member: the first item in the lower 32 bits, the end in the upper 32 bits. The member takes
/// items from the front, the other members take items from the end. The alignment is two cache lines, because processors
/// often fetch lines in pairs.
typedef struct share {
  _Alignas(128) _Atomic uint64_t range;
} share;

struct ck_team {
  int size;
  _Atomic uint32_t forks;  // the value of `forks` when the threads were started
  share *shares;  // [2, size]: the shares of this phase and of the next one
  pthread_t *threads;  // [size - 1]
  atomic_flag busy;
  // The current job. The caller writes it before it increments `job`, the number of jobs so far; members read it after.
  ck_team_function function;
  void *context;
  _Atomic uint32_t job;
  _Atomic int running;       // members, the caller excluded, that have not finished the job
  _Atomic uint32_t finished; // number of jobs that all members have finished
  _Atomic int stop;
  // The barrier inside a job.
  _Atomic int arrived;
  _Atomic uint32_t phase;
  // Sleeping members; they wait for `job`, `finished` or `phase` to change.
  _Atomic int parked;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
};

typedef struct member {
  ck_team *team;
  int index;
} member;

// A process that is created by fork has only the thread that called fork. The teams that it inherits start new threads in
// their first job.
static _Atomic uint32_t forks;  // number of forks between the first process and this one
static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;  // held while an inherited team starts its threads

static void after_fork(void) {
  atomic_fetch_add(&forks, 1);
  pthread_mutex_init(&starting, NULL);  // a thread that is not in this process may have held it
}

static void watch_forks(void) { pthread_atfork(NULL, NULL, after_fork); }

// During a job, subnormal numbers (below 2^-126) are treated as zero. Gradients that vanish over many steps become
// subnormal, and arithmetic with subnormal numbers is up to a hundred times slower, while they are too small to influence
// results. The thread's own setting is restored afterwards.
#if defined(__x86_64__)
static inline uint64_t flush_tiny(void) {
  const unsigned before = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(before | 0x8040);
  return before;
}
static inline void restore_tiny(uint64_t before) { __builtin_ia32_ldmxcsr((unsigned)before); }
#elif defined(__aarch64__)
static inline uint64_t flush_tiny(void) {
  uint64_t before;
  __asm__ __volatile__("mrs %0, fpcr" : "=r"(before));
  __asm__ __volatile__("msr fpcr, %0" : : "r"(before | (1ull << 24)));
  return before;
}
static inline void restore_tiny(uint64_t before) { __asm__ __volatile__("msr fpcr, %0" : : "r"(before)); }
#else
static inline uint64_t flush_tiny(void) { return 0; }
static inline void restore_tiny(uint64_t before) { (void)before; }
#endif

static void run_flushing(ck_team_function function, void *context, ck_turns turns) {
  const uint64_t before = flush_tiny();
  function(context, &turns);
  restore_tiny(before);
}

static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  // `yield` does nothing on many of these processors; `isb` empties the pipeline, which takes about as long as x86's pause.
  __asm__ __volatile__("isb" : : : "memory");
#endif
}

static inline int has_changed(_Atomic uint32_t *word, uint32_t old) {
  return atomic_load_explicit(word, memory_order_acquire) != old;
}

/// Returns when *word is no longer `old`.
static void await_change(ck_team *team, _Atomic uint32_t *word, uint32_t old) {
  if (has_changed(word, old)) return;
  const uint64_t start = ck_nanoseconds();
  do {
    for (int i = 0; i < pauses_per_look_at_the_clock; i++) {
      relax();
      if (has_changed(word, old)) return;
    }
  } while (ck_nanoseconds() - start < spin_nanoseconds);
  do {
    sched_yield();
    if (has_changed(word, old)) return;
  } while (ck_nanoseconds() - start < spin_nanoseconds + yield_nanoseconds);
  pthread_mutex_lock(&team->mutex);
  // The count is incremented before the word is read again, because `publish` reads the count after it writes the word.
  atomic_fetch_add(&team->parked, 1);
  while (atomic_load(word) == old) pthread_cond_wait(&team->changed, &team->mutex);
  atomic_fetch_sub(&team->parked, 1);
  pthread_mutex_unlock(&team->mutex);
}

/// Increments *word and wakes the sleeping members.
static void publish(ck_team *team, _Atomic uint32_t *word) {
  atomic_fetch_add(word, 1);
  if (atomic_load(&team->parked) == 0) return;
  pthread_mutex_lock(&team->mutex);
  pthread_cond_broadcast(&team->changed);
  pthread_mutex_unlock(&team->mutex);
}

static void *member_main(void *argument) {
  member self = *(member *)argument;
  free(argument);
  ck_team *team = self.team;
  for (uint32_t seen = 0;; seen++) {
    await_change(team, &team->job, seen);
    if (atomic_load(&team->stop)) return NULL;
    run_flushing(team->function, team->context, (ck_turns){.team = team, .index = self.index, .count = team->size});
    if (atomic_fetch_sub(&team->running, 1) == 1) publish(team, &team->finished);
  }
}

/// Starts threads until the team has `size` members, or fewer where the system refuses threads. The team has no threads.
static void start_threads(ck_team *team, int size) {
  atomic_flag_clear(&team->busy);
  atomic_store(&team->job, 0);
  atomic_store(&team->finished, 0);
  atomic_store(&team->arrived, 0);
  atomic_store(&team->phase, 0);
  atomic_store(&team->parked, 0);
  pthread_mutex_init(&team->mutex, NULL);
  pthread_cond_init(&team->changed, NULL);
  team->size = 1;
  while (team->size < size) {
    member *self = malloc(sizeof *self);
    if (!self) break;
    *self = (member){.team = team, .index = team->size};
    if (pthread_create(&team->threads[team->size - 1], NULL, member_main, self) != 0) {
      free(self);
      break;
    }
    team->size++;
  }
  atomic_store_explicit(&team->forks, atomic_load(&forks), memory_order_release);
}

/// Whether the threads of the team were started in another process, from which this one was forked.
static int is_inherited(ck_team *team) {
  return atomic_load_explicit(&team->forks, memory_order_acquire) != atomic_load_explicit(&forks, memory_order_relaxed);
}

ck_team *ck_team_create(int size) {
  static pthread_once_t watched = PTHREAD_ONCE_INIT;
  pthread_once(&watched, watch_forks);
  if (size < 1) size = 1;
  ck_team *team = calloc(1, sizeof *team);
  if (!team) return NULL;
  team->threads = calloc((size_t)size, sizeof *team->threads);
  void *shares = NULL;
  if (posix_memalign(&shares, _Alignof(share), 2 * (size_t)size * sizeof(share)) == 0) team->shares = shares;
  start_threads(team, team->threads && team->shares ? size : 1);
  return team;
}

void ck_team_destroy(ck_team *team) {
  if (!team) return;
  if (!is_inherited(team)) {
    atomic_store(&team->stop, 1);
    publish(team, &team->job);
    for (int i = 0; i < team->size - 1; i++) pthread_join(team->threads[i], NULL);
    pthread_cond_destroy(&team->changed);
    pthread_mutex_destroy(&team->mutex);
  }
  free(team->threads);
  free(team->shares);
  free(team);
}

int ck_team_size(const ck_team *team) { return team->size; }

static uint64_t pack_range(ptrdiff_t first, ptrdiff_t end) { return (uint64_t)first | (uint64_t)end << 32; }

/// Sets the share of member `index` for a phase with `items` items.
static void deal(ck_team *team, int set, int index, ptrdiff_t items) {
  const ck_span part = ck_part(items, index, team->size);
  atomic_store_explicit(&team->shares[set * team->size + index].range, pack_range(part.first, part.last),
                        memory_order_relaxed);
}

void ck_team_run(ck_team *team, int wide, ptrdiff_t items, ck_team_function function, void *context) {
  if (is_inherited(team)) {
    pthread_mutex_lock(&starting);
    if (is_inherited(team)) start_threads(team, team->size);
    pthread_mutex_unlock(&starting);
  }
  if (!wide || team->size == 1 || atomic_flag_test_and_set(&team->busy)) {
    run_flushing(function, context, (ck_turns){.team = team, .count = 1, .end = items});
    return;
  }
  team->function = function;
  team->context = context;
  for (int i = 0; i < team->size; i++) deal(team, 0, i, items);
  atomic_store(&team->running, team->size - 1);
  uint32_t finished = atomic_load(&team->finished);
  publish(team, &team->job);
  run_flushing(function, context, (ck_turns){.team = team, .count = team->size});
  await_change(team, &team->finished, finished);
  atomic_flag_clear(&team->busy);
}

ptrdiff_t ck_next(ck_turns *turns) {
  if (turns->count == 1) return turns->next < turns->end ? turns->next++ : -1;
  share *shares = turns->team->shares + turns->set * turns->count;
  for (int i = 0; i < turns->count; i++) {
    _Atomic uint64_t *range = &shares[(turns->index + i) % turns->count].range;
    uint64_t now = atomic_load_explicit(range, memory_order_relaxed);
    for (;;) {
      const uint32_t first = (uint32_t)now, end = (uint32_t)(now >> 32);
      if (first >= end) break;
      // Relaxed order is enough: an item reads memory that was written before the phase began and writes memory that is
      // read after it ends, and ck_meet orders both.
      const uint64_t then = i == 0 ? pack_range(first + 1, end) : pack_range(first, end - 1);
      if (atomic_compare_exchange_weak_explicit(range, &now, then, memory_order_relaxed, memory_order_relaxed))
        return i == 0 ? first : end - 1;
    }
  }
  return -1;
}

void ck_meet(ck_turns *turns, ptrdiff_t items) {
  if (turns->count == 1) {
    turns->next = 0;
    turns->end = items;
    return;
  }
  ck_team *team = turns->team;
  turns->set ^= 1;
  // No member has taken items from this set since the phase before the last one.
  deal(team, turns->set, turns->index, items);
  uint32_t phase = atomic_load(&team->phase);
  if (atomic_fetch_add(&team->arrived, 1) == turns->count - 1) {
    atomic_store(&team->arrived, 0);
    publish(team, &team->phase);
  } else {
    await_change(team, &team->phase, phase);
  }
}
