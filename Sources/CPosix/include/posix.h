#pragma once
#include <fcntl.h>
#include <spawn.h>

// open(2) and fcntl(2) are variadic; struct timex is missing from Swift's Glibc module.
int mdr_open(const char *path, int flags, unsigned mode);
// A new file without a name in `folder`, gone when it is closed unless it is given one.
int mdr_open_unnamed(const char *folder, unsigned mode);
// Gives such a file a name; EEXIST when that is taken.
int mdr_name(int descriptor, const char *path);
int mdr_terminal_columns(int descriptor);
int mdr_terminal_rows(int descriptor);
// The kernel's view of its own clock: the maximum error in microseconds, or -1 when the clock is
// not synchronised (adjtimex(2): STA_UNSYNC).
long mdr_clock_maximum_error(void);
// Everything that was written to a file system is on the disk; syncfs(2) needs _GNU_SOURCE.
int mdr_sync_file_system(int descriptor);
// pipe2(2) with O_CLOEXEC; needs _GNU_SOURCE.
int mdr_pipe(int ends[2]);
// What waitpid(2) said: the exit code, or 128 and the signal's number. The macros are not functions.
int mdr_status_code(int status);
// The started program inherits no descriptor from `first` on (glibc 2.34).
int mdr_close_from(posix_spawn_file_actions_t *actions, int first);
