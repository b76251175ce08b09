// A disk that fails on demand, for the program it is preloaded into (LD_PRELOAD).
//
// It stands between the program and the files below FAILING_DISK_FOLDER. What is wrong with the disk says
// the file FAILING_DISK_CONTROL, which is mapped into memory: two 32-bit numbers, the fault, and for `dying`
// how many changes the disk still takes. Reading is never refused, as on a real disk that is full or
// read-only.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum fault { healthy, full, read_only, unsynced, dying };

struct control {
    _Atomic int fault;
    _Atomic int changes_left;
};

static struct control no_control;
static struct control *control = &no_control;
static const char *folder;
static size_t folder_length;

// Which descriptors are of files below the folder.
static _Atomic unsigned char watched[65536];

static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static int (*real_ftruncate)(int, off64_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_unlink)(const char *);

__attribute__((constructor)) static void begin(void) {
    real_open = dlsym(RTLD_NEXT, "open64");
    real_close = dlsym(RTLD_NEXT, "close");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    const char *path = getenv("FAILING_DISK_CONTROL");
    folder = getenv("FAILING_DISK_FOLDER");
    if (!path || !folder) abort();
    folder_length = strlen(folder);
    int file = real_open(path, O_RDWR | O_CLOEXEC);
    void *map = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (file < 0 || map == MAP_FAILED) abort();
    real_close(file);
    control = map;
}

static int is_below(const char *path) { return folder && strncmp(path, folder, folder_length) == 0; }

static int is_watched(int file) { return file >= 0 && file < 65536 && watched[file]; }

static int refuse(int error) {
    errno = error;
    return -1;
}

// Whether this is the disk's last change. It takes its time over it, so that an answer which did not wait
// for the disk is out before the end.
static int is_dead(void) {
    if (control->fault != dying || --control->changes_left > 0) return 0;
    usleep(30000);
    return 1;
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

// How many of `count` bytes at `offset` the disk takes; -1 and errno when none.
static ssize_t taken(int file, size_t count, off64_t offset) {
    struct stat64 status;
    switch (control->fault) {
    case read_only:
        return refuse(EROFS);
    case full: // What the file has already, it keeps.
        if (fstat64(file, &status) != 0) return -1;
        if (offset + (off64_t)count <= status.st_size) return count;
        return offset < status.st_size ? status.st_size - offset : refuse(ENOSPC);
    default:
        return count;
    }
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
    if (!is_watched(file)) return real_pwrite(file, bytes, count, offset);
    if (is_dead()) {
        real_pwrite(file, bytes, count / 2, offset);
        die();
    }
    ssize_t part = taken(file, count, offset);
    return part < 0 ? -1 : real_pwrite(file, bytes, part, offset);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
    return pwrite64(file, bytes, count, offset);
}

ssize_t write(int file, const void *bytes, size_t count) {
    if (!is_watched(file)) return real_write(file, bytes, count);
    if (is_dead()) {
        real_write(file, bytes, count / 2);
        die();
    }
    ssize_t part = taken(file, count, lseek64(file, 0, SEEK_CUR));
    return part < 0 ? -1 : real_write(file, bytes, part);
}

int ftruncate64(int file, off64_t length) {
    if (!is_watched(file)) return real_ftruncate(file, length);
    if (is_dead()) die();
    if (control->fault == read_only) return refuse(EROFS);
    return real_ftruncate(file, length);
}

int ftruncate(int file, off_t length) { return ftruncate64(file, length); }

static int sync_with(int (*real)(int), int file) {
    if (!is_watched(file)) return real(file);
    if (is_dead()) die();
    if (control->fault == unsynced) return refuse(EIO);
    return real(file);
}

int fsync(int file) { return sync_with(real_fsync, file); }

int fdatasync(int file) { return sync_with(real_fdatasync, file); }

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    int is_ours = is_below(path);
    if (is_ours && control->fault == read_only && ((flags & O_ACCMODE) != O_RDONLY || flags & O_CREAT)) {
        return refuse(EROFS);
    }
    if (is_ours && control->fault == full && flags & O_CREAT && access(path, F_OK) != 0) return refuse(ENOSPC);
    int file = real_open(path, flags, mode);
    if (file >= 0 && file < 65536) watched[file] = is_ours;
    return file;
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open64(path, flags, mode);
}

int close(int file) {
    if (file >= 0 && file < 65536) watched[file] = 0;
    return real_close(file);
}

int unlink(const char *path) {
    if (is_below(path) && is_dead()) die();
    if (is_below(path) && control->fault == read_only) return refuse(EROFS);
    return real_unlink(path);
}
