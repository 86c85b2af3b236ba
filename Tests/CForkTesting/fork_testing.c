#include "fork_testing.h"

#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

static void count_member(void *context, ck_turns *turns) {
  atomic_fetch_add((atomic_int *)context, 1);
  ck_meet(turns, 0);
}

/// The number of members that ran in each job, or 255 where jobs differ.
static int run_jobs(ck_team *team, int jobs) {
  int members = 0;
  for (int job = 0; job < jobs; job++) {
    atomic_int count = 0;
    ck_team_run(team, 1, 0, count_member, &count);
    if (job > 0 && atomic_load(&count) != members) return 255;
    members = atomic_load(&count);
  }
  return members;
}

int fork_and_run(ck_team *team, int jobs) {
  const pid_t child = fork();
  if (child < 0) return -1;
  if (child == 0) {
    alarm(20);  // a process that hangs is ended by a signal
    const int members = run_jobs(team, jobs);
    ck_team_destroy(team);
    _exit(members);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) == 255) return -1;
  return WEXITSTATUS(status);
}
