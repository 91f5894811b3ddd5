/* Ends the process at a chosen moment of its writing: right before or right after the Nth call of
 * fsync or fdatasync. Loaded into an unchanged program with LD_PRELOAD; told by the environment:
 *
 *   KILL_AT       which call, counted from 1; without it the process lives
 *   KILL_WHEN     before  the process dies, and what it has written is there
 *                 after   the process dies right after the call
 *                 lost    as in a power cut: what that file got since its last sync is gone
 *                 torn    half of that is there
 *   COUNT_SYNCS   a file that gets one byte for each call
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { before, after, lost, torn };
enum { most_files = 256 };

static struct known { dev_t device; ino_t number; off_t durable; } files[most_files];
static int file_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long target, calls;
static int mode, record = -1;

__attribute__((constructor)) static void begin(void) {
  const char *at = getenv("KILL_AT"), *how = getenv("KILL_WHEN"), *path = getenv("COUNT_SYNCS");
  target = at ? atol(at) : 0;
  if (how)
    mode = !strcmp(how, "after") ? after : !strcmp(how, "lost") ? lost : !strcmp(how, "torn") ? torn : before;
  if (path) record = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* The entry of a regular file; a new one holds its present size for durable. */
static struct known *entry(const struct stat *s) {
  for (int i = 0; i < file_count; i++)
    if (files[i].device == s->st_dev && files[i].number == s->st_ino) return &files[i];
  if (file_count == most_files) return NULL;
  files[file_count] = (struct known){s->st_dev, s->st_ino, s->st_size};
  return &files[file_count++];
}

static void opened(int descriptor) {
  struct stat s;
  if (descriptor < 0 || fstat(descriptor, &s) != 0 || !S_ISREG(s.st_mode)) return;
  pthread_mutex_lock(&lock);
  entry(&s);
  pthread_mutex_unlock(&lock);
}

static void die(int descriptor) {
  struct stat s;
  if ((mode == lost || mode == torn) && fstat(descriptor, &s) == 0 && S_ISREG(s.st_mode)) {
    struct known *file = entry(&s);
    if (file && s.st_size > file->durable)
      if (ftruncate(descriptor, file->durable + (mode == torn ? (s.st_size - file->durable) / 2 : 0))) abort();
  }
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static int synced(int descriptor, const char *name) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  pthread_mutex_lock(&lock);
  int is_target = ++calls == target;
  if (record >= 0 && write(record, ".", 1) != 1) abort();
  if (is_target && mode != after) die(descriptor);
  pthread_mutex_unlock(&lock);
  int result = real(descriptor);
  if (is_target) die(descriptor);
  struct stat s;
  if (result == 0 && fstat(descriptor, &s) == 0 && S_ISREG(s.st_mode)) {
    pthread_mutex_lock(&lock);
    struct known *file = entry(&s);
    if (file) file->durable = s.st_size;
    pthread_mutex_unlock(&lock);
  }
  return result;
}

int fsync(int descriptor) { return synced(descriptor, "fsync"); }
int fdatasync(int descriptor) { return synced(descriptor, "fdatasync"); }

static int open_with(const char *name, const char *path, int flags, mode_t rights) {
  int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
  int descriptor = real(path, flags, rights);
  if ((flags & O_ACCMODE) != O_RDONLY) opened(descriptor);
  return descriptor;
}

int open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t rights = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open_with("open", path, flags, rights);
}

int open64(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t rights = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open_with("open64", path, flags, rights);
}
