// A persistent team of threads that run one function together.
#ifndef CHARGEN_TEAM_H
#define CHARGEN_TEAM_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ck_team ck_team;
typedef void (*ck_team_function)(void *context, ck_team *team, int index, int count);

/// A team of `size` threads, the caller of ck_team_run being one. Fewer where the system refuses threads; NULL only
/// where memory is refused.
ck_team *ck_team_create(int size);
void ck_team_destroy(ck_team *team);
int ck_team_size(const ck_team *team);

/// Processors that this process may run on.
int ck_available_processors(void);

/// Runs `function` once on each member and returns when all have. Where the team is at work for another thread, or
/// `wide` is 0, the caller runs it alone (count 1): results never depend on the count.
void ck_team_run(ck_team *team, int wide, ck_team_function function, void *context);
/// Inside a function: waits until all `count` members have come here.
void ck_team_barrier(ck_team *team, int count);

#ifdef __cplusplus
}
#endif
#endif
