#define _GNU_SOURCE
#include "posix.h"
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

int mdr_open(const char *path, int flags, unsigned mode) { return open(path, flags, mode); }

int mdr_open_unnamed(const char *folder, unsigned mode) {
  return open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
}

int mdr_name(int descriptor, const char *path) {
  char self[64];
  snprintf(self, sizeof self, "/proc/self/fd/%d", descriptor);
  return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

int mdr_terminal_columns(int descriptor) {
  struct winsize size;
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

int mdr_terminal_rows(int descriptor) {
  struct winsize size;
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_row;
}

long mdr_clock_maximum_error(void) {
  struct timex state = {.modes = 0};
  int result = adjtimex(&state);
  if (result < 0 || result == TIME_ERROR || (state.status & STA_UNSYNC)) return -1;
  return state.maxerror;
}

int mdr_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int mdr_status_code(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int mdr_close_from(posix_spawn_file_actions_t *actions, int first) {
  return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int mdr_sync_file_system(int descriptor) { return syncfs(descriptor); }
