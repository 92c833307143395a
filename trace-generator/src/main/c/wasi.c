// WASI preview 1 for commands, over the words of the zkwasm host interface. Linked into a guest by the lowering and proven
// like the guest itself. It works on the guest's memory and has none of its own: no data, no stack (all state is in
// locals), two counters in globals that the linker reserves.
//
//   descriptor 0  reads the public input          descriptor 3  reads the private input
//   descriptor 1  appends to the public output    descriptor 2  drops what is written
//
// Arguments and environment are empty, clocks stand at 0, randomness is a fixed stream, nothing else exists. Every answer is
// listed in docs/spec/wasi.md. A pointer outside the memory traps (a WASI host may answer EFAULT instead).

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(#name)))
#define IMPORT(module, name) __attribute__((import_module(module), import_name(#name)))

IMPORT("zkwasm", input_len) u32 input_len(void);
IMPORT("zkwasm", input_read) void input_read(u32 to, u32 offset, u32 length);
IMPORT("zkwasm", private_len) u32 private_len(void);
IMPORT("zkwasm", private_read) void private_read(u32 to, u32 offset, u32 length);
IMPORT("zkwasm", output_write) void output_write(u32 from, u32 length);
IMPORT("zkwasm", exit) _Noreturn void zk_exit(u32 code);
// Counters of the run, 0 at its start: bytes read of the public and of the private input, words drawn of the random stream.
IMPORT("zkwasm.internal", public_position) u32 public_position(void);
IMPORT("zkwasm.internal", set_public_position) void set_public_position(u32 position);
IMPORT("zkwasm.internal", private_position) u32 private_position(void);
IMPORT("zkwasm.internal", set_private_position) void set_private_position(u32 position);
IMPORT("zkwasm.internal", random_position) u64 random_position(void);
IMPORT("zkwasm.internal", set_random_position) void set_random_position(u64 position);

enum { SUCCESS = 0, EBADF = 8, EINVAL = 28, ENOSYS = 52, ESPIPE = 70 };
enum { PUBLIC_IN = 0, PUBLIC_OUT = 1, DROPPED = 2, PRIVATE_IN = 3, DESCRIPTORS = 4 };

#define AT(type, address) (*(volatile type *)(address))

EXPORT(args_sizes_get) u32 args_sizes_get(u32 count, u32 size) {
  AT(u32, count) = 0;
  AT(u32, size) = 0;
  return SUCCESS;
}
EXPORT(args_get) u32 args_get(u32 pointers, u32 buffer) { (void)pointers; (void)buffer; return SUCCESS; }
EXPORT(environ_sizes_get) u32 environ_sizes_get(u32 count, u32 size) {
  AT(u32, count) = 0;
  AT(u32, size) = 0;
  return SUCCESS;
}
EXPORT(environ_get) u32 environ_get(u32 pointers, u32 buffer) { (void)pointers; (void)buffer; return SUCCESS; }

EXPORT(clock_res_get) u32 clock_res_get(u32 clock, u32 to) {
  if (clock > 3) return EINVAL;
  AT(u64, to) = 1;
  return SUCCESS;
}
EXPORT(clock_time_get) u32 clock_time_get(u32 clock, u64 precision, u32 to) {
  (void)precision;
  if (clock > 3) return EINVAL;
  AT(u64, to) = 0;
  return SUCCESS;
}

EXPORT(random_get) u32 random_get(u32 to, u32 length) {
  // SplitMix64 from state 0 (Steele, Lea, Flood 2014), a word for every 8 bytes begun.
  u64 n = random_position();
  for (u32 i = 0; i < length; i += 8) {
    u64 z = ++n * 0x9e3779b97f4a7c15ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    z ^= z >> 31;
    for (u32 j = i; j < length && j < i + 8; j++, z >>= 8) AT(u8, to + j) = (u8)z;
  }
  set_random_position(n);
  return SUCCESS;
}

EXPORT(sched_yield) u32 sched_yield(void) { return SUCCESS; }
EXPORT(proc_exit) _Noreturn void proc_exit(u32 code) { zk_exit(code); }
EXPORT(proc_raise) u32 proc_raise(u32 signal) { (void)signal; return ENOSYS; }

EXPORT(fd_read) u32 fd_read(u32 fd, u32 vectors, u32 count, u32 read) {
  if (fd != PUBLIC_IN && fd != PRIVATE_IN) return EBADF;
  u32 position = fd == PUBLIC_IN ? public_position() : private_position();
  u32 left = (fd == PUBLIC_IN ? input_len() : private_len()) - position;
  u32 start = position;
  for (u32 i = 0; i < count; i++) {
    u32 to = AT(u32, vectors + 8 * i), n = AT(u32, vectors + 8 * i + 4);
    if (n > left) n = left;
    if (n == 0) continue;
    if (fd == PUBLIC_IN) input_read(to, position, n);
    else private_read(to, position, n);
    position += n;
    left -= n;
  }
  if (fd == PUBLIC_IN) set_public_position(position);
  else set_private_position(position);
  AT(u32, read) = position - start;
  return SUCCESS;
}

EXPORT(fd_write) u32 fd_write(u32 fd, u32 vectors, u32 count, u32 written) {
  if (fd != PUBLIC_OUT && fd != DROPPED) return EBADF;
  u32 sum = 0;
  for (u32 i = 0; i < count; i++) {
    u32 from = AT(u32, vectors + 8 * i), n = AT(u32, vectors + 8 * i + 4);
    if (fd == PUBLIC_OUT && n != 0) output_write(from, n);
    sum += n;
  }
  AT(u32, written) = sum;
  return SUCCESS;
}

EXPORT(fd_close) u32 fd_close(u32 fd) { return fd < DESCRIPTORS ? SUCCESS : EBADF; }
EXPORT(fd_seek) u32 fd_seek(u32 fd, u64 offset, u32 whence, u32 to) {
  (void)offset; (void)whence; (void)to;
  return fd < DESCRIPTORS ? ESPIPE : EBADF;
}
EXPORT(fd_tell) u32 fd_tell(u32 fd, u32 to) { (void)to; return fd < DESCRIPTORS ? ESPIPE : EBADF; }
EXPORT(fd_fdstat_get) u32 fd_fdstat_get(u32 fd, u32 to) {
  if (fd >= DESCRIPTORS) return EBADF;
  // File type unknown (0), no flags; right to read (bit 1) or to write (bit 6); nothing to inherit.
  AT(u64, to) = 0;
  AT(u64, to + 8) = fd == PUBLIC_IN || fd == PRIVATE_IN ? 2 : 64;
  AT(u64, to + 16) = 0;
  return SUCCESS;
}
EXPORT(fd_fdstat_set_flags) u32 fd_fdstat_set_flags(u32 fd, u32 flags) {
  (void)flags;
  return fd < DESCRIPTORS ? ENOSYS : EBADF;
}
// No directories are open: wasi-libc's start-up asks from descriptor 3 on and stops at EBADF.
EXPORT(fd_prestat_get) u32 fd_prestat_get(u32 fd, u32 to) { (void)fd; (void)to; return EBADF; }
EXPORT(fd_prestat_dir_name) u32 fd_prestat_dir_name(u32 fd, u32 to, u32 length) {
  (void)fd; (void)to; (void)length;
  return EBADF;
}

// All others: not implemented.
#define NOSYS(name, ...) EXPORT(name) u32 name(__VA_ARGS__) { return ENOSYS; }
#pragma clang diagnostic ignored "-Wunused-parameter"
NOSYS(fd_advise, u32 a, u64 b, u64 c, u32 d)
NOSYS(fd_allocate, u32 a, u64 b, u64 c)
NOSYS(fd_datasync, u32 a)
NOSYS(fd_fdstat_set_rights, u32 a, u64 b, u64 c)
NOSYS(fd_filestat_get, u32 a, u32 b)
NOSYS(fd_filestat_set_size, u32 a, u64 b)
NOSYS(fd_filestat_set_times, u32 a, u64 b, u64 c, u32 d)
NOSYS(fd_pread, u32 a, u32 b, u32 c, u64 d, u32 e)
NOSYS(fd_pwrite, u32 a, u32 b, u32 c, u64 d, u32 e)
NOSYS(fd_readdir, u32 a, u32 b, u32 c, u64 d, u32 e)
NOSYS(fd_renumber, u32 a, u32 b)
NOSYS(fd_sync, u32 a)
NOSYS(path_create_directory, u32 a, u32 b, u32 c)
NOSYS(path_filestat_get, u32 a, u32 b, u32 c, u32 d, u32 e)
NOSYS(path_filestat_set_times, u32 a, u32 b, u32 c, u32 d, u64 e, u64 f, u32 g)
NOSYS(path_link, u32 a, u32 b, u32 c, u32 d, u32 e, u32 f, u32 g)
NOSYS(path_open, u32 a, u32 b, u32 c, u32 d, u32 e, u64 f, u64 g, u32 h, u32 i)
NOSYS(path_readlink, u32 a, u32 b, u32 c, u32 d, u32 e, u32 f)
NOSYS(path_remove_directory, u32 a, u32 b, u32 c)
NOSYS(path_rename, u32 a, u32 b, u32 c, u32 d, u32 e, u32 f)
NOSYS(path_symlink, u32 a, u32 b, u32 c, u32 d, u32 e)
NOSYS(path_unlink_file, u32 a, u32 b, u32 c)
NOSYS(poll_oneoff, u32 a, u32 b, u32 c, u32 d)
NOSYS(sock_accept, u32 a, u32 b, u32 c)
NOSYS(sock_recv, u32 a, u32 b, u32 c, u32 d, u32 e, u32 f)
NOSYS(sock_send, u32 a, u32 b, u32 c, u32 d, u32 e)
NOSYS(sock_shutdown, u32 a, u32 b)
