/* A drive that does not answer, as far as one program is concerned: whatever of it has "no-answer" in its path is never
   opened, and whoever asks waits for ever; of a keystore with "one-answer" in its path, after it was opened once. Loaded into the program by LD_PRELOAD. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static void answer(const char *path) {
    static int answers;
    while (strstr(path, "one-answer") && strstr(path, ".p12") && answers) pause();
    if (strstr(path, "one-answer") && strstr(path, ".p12")) answers++;
    while (strstr(path, "no-answer")) pause();
}

static int opened(const char *name, const char *path, int flags, int mode) {
    answer(path);
    return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name))(path, flags, mode);
}

static int mode_of(int flags, va_list more) {
    return (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, int) : 0;
}

int open(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    int mode = mode_of(flags, more);
    va_end(more);
    return opened("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    int mode = mode_of(flags, more);
    va_end(more);
    return opened("open64", path, flags, mode);
}

DIR *opendir(const char *path) {
    answer(path);
    return ((DIR * (*)(const char *)) dlsym(RTLD_NEXT, "opendir"))(path);
}
