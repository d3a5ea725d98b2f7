/* Prints "size STRUCT BYTES" and "offset STRUCT FIELD BYTES" as this machine's headers have them.
   rows.h is written by KernelLayout.cs from the table of managed structs; add the header of a new struct here. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <linux/fuse.h>
#include <linux/loop.h>
#include <linux/mount.h>
#include <linux/openat2.h>

#define SIZE(type) printf("size %s %zu\n", #type, sizeof(type));
#define OFFSET(type, field) printf("offset %s %s %zu\n", #type, #field, offsetof(type, field));

int main(void)
{
#include "rows.h"
    return 0;
}
