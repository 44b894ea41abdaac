/* A power cut at the n-th write of a process, for LD_PRELOAD.
 *
 * CUT_AT=n    the process is killed (SIGKILL) before its n-th write to a file whose path has CUT_PATH in it
 * CUT_LOSE=s  0: what was written stays, as after a kill. Else a seed: of all that was written since the last
 *             fsync of its file, each write is taken back with a chance of one half, as a disk without power
 *             may do. Writes are taken back newest first.
 * Counts of all writes go to the file CUT_COUNT at the end of a process that lives.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct undo { int fd; off_t at; size_t old, len; off_t size; char *bytes; struct undo *before; };
static struct undo *last;
static long count;

static int ours(int fd) {
    char link[64], path[PATH_MAX];
    const char *part = getenv("CUT_PATH");
    if (!part) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return strstr(path, part) != NULL && strstr(path, "-shm") == NULL;
}

static void cut(void) {
    const char *at = getenv("CUT_AT"), *lose = getenv("CUT_LOSE");
    count++;
    if (!at || count != atol(at)) return;
    unsigned seed = lose ? (unsigned)atol(lose) : 0;
    if (seed) {
        srand(seed);
        ssize_t (*write_)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite64");
        for (struct undo *u = last; u; u = u->before) {
            if (rand() & 1) continue;
            if (u->old) write_(u->fd, u->bytes, u->old, u->at);
            if (u->size < (off_t)(u->at + u->len)) ftruncate(u->fd, u->size > u->at ? u->size : u->size);
        }
    }
    kill(getpid(), SIGKILL);
}

static void remember(int fd, off_t at, size_t len) {
    struct stat st;
    struct undo *u = calloc(1, sizeof *u);
    fstat(fd, &st);
    u->fd = fd; u->at = at; u->len = len; u->size = st.st_size; u->bytes = malloc(len);
    ssize_t got = pread(fd, u->bytes, len, at);
    u->old = got > 0 ? (size_t)got : 0;
    u->before = last;
    last = u;
}

static void forget(int fd) {
    struct undo **u = &last;
    while (*u) { if ((*u)->fd == fd) *u = (*u)->before; else u = &(*u)->before; }
}

#define WRITER(name, type) \
    ssize_t name(int fd, const void *b, size_t n, type at) { \
        static ssize_t (*real)(int, const void *, size_t, type); \
        if (!real) real = dlsym(RTLD_NEXT, #name); \
        if (ours(fd)) { cut(); remember(fd, at, n); } \
        return real(fd, b, n, at); \
    }
WRITER(pwrite, off_t)
WRITER(pwrite64, off64_t)

#define SYNCER(name) \
    int name(int fd) { \
        static int (*real)(int); \
        if (!real) real = dlsym(RTLD_NEXT, #name); \
        int is = ours(fd); \
        if (is) cut(); \
        int r = real(fd); \
        if (is) forget(fd); \
        return r; \
    }
SYNCER(fsync)
SYNCER(fdatasync)

__attribute__((destructor)) static void told(void) {
    const char *path = getenv("CUT_COUNT");
    if (!path || !count) return;
    FILE *f = fopen(path, "w");
    if (f) { fprintf(f, "%ld\n", count); fclose(f); }
}
