/* Kills the process that it is loaded into right before or right after its Nth fsync or fdatasync:
   every commit of the journal is one. KILL_AT=N, KILL_WHEN=before|after; COUNT_SYNCS=FILE counts. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_int count;

static int synced(const char *name, int descriptor) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  const char *at = getenv("KILL_AT"), *when = getenv("KILL_WHEN");
  int number = atomic_fetch_add(&count, 1) + 1;
  int is_it = at && number == atoi(at);
  if (is_it && when && !strcmp(when, "before")) kill(getpid(), SIGKILL);
  int result = real(descriptor);
  if (is_it) kill(getpid(), SIGKILL);
  return result;
}

int fsync(int descriptor) { return synced("fsync", descriptor); }
int fdatasync(int descriptor) { return synced("fdatasync", descriptor); }

__attribute__((destructor)) static void tell(void) {
  const char *path = getenv("COUNT_SYNCS");
  if (!path) return;
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file >= 0) {
    dprintf(file, "%d\n", atomic_load(&count));
    close(file);
  }
}
