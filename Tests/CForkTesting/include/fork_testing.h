// Jobs in a forked process. Swift has no fork on Linux, so that this part of the tests is C.
#ifndef CHARGEN_FORK_TESTING_H
#define CHARGEN_FORK_TESTING_H

#include "chargen_team.h"

/// Forks. The new process runs `jobs` jobs on `team` and then destroys it. Returns the number of members that ran in each
/// job; -1 where fork fails, where jobs differ, or where the new process does not end within 20 seconds.
int fork_and_run(ck_team *team, int jobs);

#endif
