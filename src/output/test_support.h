/* What the tests of this room share: sample results, rendered documents, scratch files. */
#ifndef OUTPUT_TEST_SUPPORT_H
#define OUTPUT_TEST_SUPPORT_H

#include "base/buffer.h"
#include "output/result.h"
#include "output/writer.h"

enum { SAMPLE_COUNT = 15, SCRATCH_PATH_SIZE = 128 };

/* Both families, every status and protocol class, and banners with all that could break a
 * document. The first five are those of the literal expectations. */
const struct result *samples(void);

/* As many that the writer writes: certificates for certs, else samples(). */
const struct result *samples_for(const struct writer_ops *writer);

/* A scan that began at 1700000000 and scanned TCP port 80. */
extern const struct scan_facts sample_facts;

/* A banner result over the given bytes. */
struct result make_banner(const void *bytes, uint32_t length);

/* Appends open, the records, and (if `close`) the end at 1700000100. */
void render(const struct writer_ops *writer, const struct result *results, unsigned count,
            bool close, struct buffer *out);

/* The same for another scan. */
void render_for(const struct writer_ops *writer, const struct scan_facts *facts,
                const struct result *results, unsigned count, bool close, struct buffer *out);

/* An earlier file that lies in memory. */
struct earlier_file earlier_memory(const void *bytes, size_t length, struct buffer *view);

bool results_equal(const struct result *a, const struct result *b);

/* A directory for the test's files, made at the first call, removed with its files at exit. */
const char *scratch_directory(void);
const char *scratch_path(char path[SCRATCH_PATH_SIZE], const char *name);

void write_file(const char *path, const void *bytes, size_t length);

/* Appends the file's content; fails the test if it cannot be read. */
void read_file(const char *path, struct buffer *out);

/* Fails the test unless the file has exactly this content. */
void check_file(const char *path, const char *expected);

/* A directory in the scratch directory; returns `path`, which becomes its path. */
const char *make_directory(char path[SCRATCH_PATH_SIZE], const char *name);

#endif
