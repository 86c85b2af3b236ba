// A persistent team of threads that run one function together and share its items of work.
#ifndef CHARGEN_TEAM_H
#define CHARGEN_TEAM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ck_team ck_team;

/// One member's place in a job. The job's items are dealt out evenly; a member that has none left takes from another, so
/// that one whose processor is slower, or away for a while, keeps nobody waiting for more than an item.
typedef struct ck_turns {
  ck_team *team;
  int index, count;
  /// Which of the two sets of shares is being worked on.
  int set;
  /// The next item, and the end of them, where a member runs alone.
  ptrdiff_t next, end;
} ck_turns;

typedef void (*ck_team_function)(void *context, ck_turns *turns);

/// A team of `size` threads, the caller of ck_team_run being one. Fewer where the system refuses threads; NULL only
/// where memory is refused.
ck_team *ck_team_create(int size);
void ck_team_destroy(ck_team *team);
int ck_team_size(const ck_team *team);

/// Processors that this process may run on.
int ck_available_processors(void);

/// Runs `function` once on each member, with `items` items to take, and returns when all have. Where the team is at work
/// for another thread, or `wide` is 0, the caller runs it alone (count 1): results never depend on the count.
void ck_team_run(ck_team *team, int wide, ptrdiff_t items, ck_team_function function, void *context);
/// Inside a function: an item that nobody has taken yet, or -1 when there are none left in this phase.
ptrdiff_t ck_next(ck_turns *turns);
/// Inside a function: waits until all members have come here; then a phase with `items` new items begins.
void ck_meet(ck_turns *turns, ptrdiff_t items);

#ifdef __cplusplus
}
#endif
#endif
