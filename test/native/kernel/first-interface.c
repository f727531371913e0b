/* Loaded before a program, makes a kernel before 5.10 of any: it does not know the second interface to GPIO lines. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/gpio.h>
#include <stdarg.h>

static int isSecond(unsigned long request) {
  return request == GPIO_V2_GET_LINE_IOCTL || request == GPIO_V2_LINE_GET_VALUES_IOCTL ||
         request == GPIO_V2_LINE_SET_VALUES_IOCTL;
}

#define WRAP(name)                                             \
  int name(int fd, unsigned long request, ...) {               \
    va_list arguments;                                         \
    va_start(arguments, request);                              \
    void *argument = va_arg(arguments, void *);                \
    va_end(arguments);                                         \
    if (isSecond(request)) {                                   \
      errno = EINVAL;                                          \
      return -1;                                               \
    }                                                          \
    int (*real)(int, unsigned long, ...) = dlsym(RTLD_NEXT, #name); \
    return real(fd, request, argument);                        \
  }

WRAP(ioctl)
/* The name under which the C library has it for programs with 64 bits of time. */
WRAP(__ioctl_time64)
