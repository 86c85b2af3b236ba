// A persistent team of threads that run one function together and share its work items.
#ifndef CHARGEN_TEAM_H
#define CHARGEN_TEAM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ck_team ck_team;

/// One member's view of a job. The items of the job are distributed evenly. A member that has no items left takes items
/// from another member, so that a slow or interrupted processor delays the others by one item at most.
typedef struct ck_turns {
  ck_team *team;
  int index, count;
  /// Index of the set of shares of the current phase, 0 or 1.
  int set;
  /// The next item and the end of the items, where a member runs alone.
  ptrdiff_t next, end;
} ck_turns;

typedef void (*ck_team_function)(void *context, ck_turns *turns);

/// Creates a team of `size` threads; the caller of ck_team_run is one of them. The team is smaller where the system refuses
/// threads. Returns NULL only where the system refuses memory.
ck_team *ck_team_create(int size);
/// Stops the threads and frees the team; NULL is allowed.
void ck_team_destroy(ck_team *team);
/// Number of threads, the caller included.
int ck_team_size(const ck_team *team);

/// Writes the numbers of the processors that this thread may run on to `numbers`, at most `capacity`, in ascending order.
/// Returns their count, or 0 where the system does not tell it (only Linux does).
int ck_allowed_processors(int capacity, int *numbers);
/// Number of physical performance cores where the system tells it (macOS), else of processors that are online.
int ck_performance_cores(void);

/// Runs `function` once on each member, which share `items` items, and returns when all members have finished. In a process
/// that was forked, where only the thread that called fork exists, the first job starts the threads anew. Where the
/// team is busy with another thread's job, or `wide` is 0, the caller runs the function alone (count 1). Results must not
/// depend on the count.
void ck_team_run(ck_team *team, int wide, ptrdiff_t items, ck_team_function function, void *context);
/// Takes an item that no member has taken yet; returns -1 when none is left in this phase. For use inside a job.
ptrdiff_t ck_next(ck_turns *turns);
/// Waits until all members have called it; then a phase with `items` new items begins. For use inside a job.
void ck_meet(ck_turns *turns, ptrdiff_t items);

#ifdef __cplusplus
}
#endif
#endif
