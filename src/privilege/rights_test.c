/* Users, capabilities and folders, given up in processes of their own. What only root can do is
 * tried where the test is root. */
#include "privilege/rights.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "privilege/folders.h"
#include "privilege/sanitizers.h"
#include "privilege/user.h"

enum { STRANGER = 12345 }; /* a user who owns a folder */

/* ---- processes that tell on which line they were disappointed ---- */

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return __LINE__;                                                                       \
    } while (0)

/* It stands in `folder`, if that is not NULL. */
static void assert_in_a_child(int (*body)(void), const char *folder)
{
    int ends[2], line = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        line = folder != NULL && chdir(folder) < 0 ? __LINE__ : body();
        _exit(write(ends[1], &line, sizeof line) == sizeof line ? 0 : 1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &line, sizeof line), sizeof line);
    close(ends[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    if (line != 0)
        fail_msg("line %d", line);
}

/* The number behind a word of a thread's status, in hexadecimal; -1 if it is not there. */
static long long status_number(const char *word)
{
    char line[256];
    long long number = -1;
    FILE *file = fopen("/proc/thread-self/status", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, word, strlen(word)) == 0)
            number = strtoll(line + strlen(word), NULL, 16);
    if (file != NULL)
        fclose(file);
    return number;
}

/* Makes a file: 0, or why not. */
static int make_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static bool belongs_to_root(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && facts.st_uid == 0 && facts.st_gid == 0;
}

static const char *new_folder(void)
{
    static char folder[32];
    strcpy(folder, "/tmp/rights.XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

static void remove_folder(const char *folder)
{
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

static void only_as_root(void)
{
    if (geteuid() != 0)
        skip();
}

/* ---- finding the user ---- */

static void root_becomes_nobody(void **state)
{
    (void)state;
    only_as_root();
    struct user user;
    struct error err = {0};
    assert_int_equal(user_find(&user, NULL, &err), 0);
    assert_true(user.changes);
    assert_false(user.named);
    assert_int_equal(user.uid, getpwnam("nobody")->pw_uid);
}

static void root_may_stay(void **state)
{
    (void)state;
    only_as_root();
    struct user user;
    struct error err = {0};
    assert_int_equal(user_find(&user, "root", &err), 0);
    assert_false(user.changes);
}

static void a_user_who_is_not_there_is_refused(void **state)
{
    (void)state;
    struct user user;
    struct error err = {0};
    assert_true(user_find(&user, "no such user", &err) < 0);
    assert_string_equal(err.text, "--user: there is no user \"no such user\"");
}

static int others_become_nobody_else_there(void)
{
    struct user user;
    struct error err = {0};
    EXPECT(setresuid(STRANGER, STRANGER, STRANGER) == 0);
    EXPECT(user_find(&user, NULL, &err) == 0 && !user.changes);
    EXPECT(user_find(&user, "nobody", &err) < 0);
    EXPECT(strstr(err.text, "--user: only root can become another user") != NULL);
    return 0;
}

static void others_become_nobody_else(void **state)
{
    (void)state;
    only_as_root();
    assert_in_a_child(others_become_nobody_else_there, NULL);
}

/* ---- giving up ---- */

static int nothing_is_left_there(void)
{
    struct user user;
    struct error err = {0};
    uid_t real, effective, saved;
    EXPECT(user_find(&user, NULL, &err) == 0 && rights_drop(&user, &err) == 0);
    EXPECT(getresuid(&real, &effective, &saved) == 0);
    EXPECT(real == user.uid && effective == user.uid && saved == user.uid);
    EXPECT(getgid() == user.gid && getegid() == user.gid && getgroups(0, NULL) == 0);
    EXPECT(status_number("NoNewPrivs:") == 1);
    EXPECT(status_number("CapEff:") == 1 << 1 && status_number("CapPrm:") == 1 << 1);
    EXPECT(status_number("CapInh:") == 0 && status_number("CapBnd:") == 0);
    EXPECT(setuid(0) < 0 && seteuid(0) < 0 && setgid(0) < 0);
    EXPECT(make_file("first") == 0 && belongs_to_root("first"));
    return 0;
}

/* What is left is to write into a stranger's folder, in root's name. */
static void only_files_are_left(void **state)
{
    (void)state;
    only_as_root();
    const char *folder = new_folder();
    assert_int_equal(chown(folder, STRANGER, STRANGER), 0);
    assert_in_a_child(nothing_is_left_there, folder);
    remove_folder(folder);
}

static int root_stays_there(void)
{
    struct user user;
    struct error err = {0};
    EXPECT(user_find(&user, "root", &err) == 0 && rights_drop(&user, &err) == 0);
    EXPECT(geteuid() == 0 && status_number("CapEff:") == 1 << 1);
    EXPECT(status_number("CapBnd:") == 0 && status_number("NoNewPrivs:") == 1);
    EXPECT(make_file("first") == 0 && belongs_to_root("first"));
    return 0;
}

static void root_that_stays_has_no_capability_either(void **state)
{
    (void)state;
    only_as_root();
    const char *folder = new_folder();
    assert_in_a_child(root_stays_there, folder);
    remove_folder(folder);
}

static int try_as_worker(void)
{
    struct error err = {0};
    EXPECT(make_file("second") == 0); /* until it gives that up */
    EXPECT(rights_drop_all(&err) == 0);
    EXPECT(status_number("CapEff:") == 0 && status_number("CapPrm:") == 0);
    EXPECT(make_file("third") == EACCES);
    setfsuid(0); /* does nothing any more */
    EXPECT((uid_t)setfsuid((uid_t)-1) == getuid());
    EXPECT(make_file("third") == EACCES);
    return 0;
}

static void *worker(void *context)
{
    int *line = context;
    *line = try_as_worker();
    return NULL;
}

static int a_worker_is_started_there(void)
{
    struct user user;
    struct error err = {0};
    pthread_t thread;
    int line = 0;
    EXPECT(user_find(&user, NULL, &err) == 0 && rights_drop(&user, &err) == 0);
    EXPECT(pthread_create(&thread, NULL, worker, &line) == 0);
    EXPECT(pthread_join(thread, NULL) == 0);
    if (line != 0)
        return line;
    EXPECT(make_file("third") == 0); /* the output thread has kept it */
    return 0;
}

static void a_worker_has_not_even_files(void **state)
{
    (void)state;
    only_as_root();
    const char *folder = new_folder();
    assert_int_equal(chown(folder, STRANGER, STRANGER), 0);
    assert_in_a_child(a_worker_is_started_there, folder);
    remove_folder(folder);
}

/* ---- folders ---- */

static int another_folder_is_closed_there(void)
{
    struct folders folders;
    struct user user = {0};
    struct error err = {0};
    EXPECT(mkdir("in", 0777) == 0 && mkdir("out", 0777) == 0 && make_file("out/first") == 0);
    EXPECT(folders_begin(&folders, &err) == 0);
    bool confines = folders.rules >= 0;
    EXPECT(folders_allow(&folders, "in", &err) == 0);
    EXPECT(folders_allow(&folders, "no/such/folder", &err) == 0);
    EXPECT(folders_allow_reading(&folders, "out/first", &err) == 0);
    EXPECT(rights_drop(&user, &err) == 0 && folders_confine(&folders, &err) == 0);
    folders_end(&folders);
    EXPECT(make_file("in/first") == 0 && rename("in/first", "in/second") == 0);
    EXPECT(unlink("in/second") == 0);
    EXPECT(open("in", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0);
    EXPECT(open("out/first", O_RDONLY | O_CLOEXEC) >= 0);
    if (!confines)
        return 0;
    EXPECT(UNDER_SANITIZERS || (open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES));
    EXPECT(make_file("out/second") == EACCES);
    EXPECT(open("out/first", O_WRONLY | O_CLOEXEC) < 0 && errno == EACCES);
    EXPECT(unlink("out/first") < 0 && errno == EACCES);
    EXPECT(rename("out/first", "in/third") < 0);
    EXPECT(symlink("/", "in/link") < 0 && mkdir("in/folder", 0700) < 0);
    return 0;
}

static void files_are_confined_to_folders(void **state)
{
    (void)state;
    const char *folder = new_folder();
    assert_in_a_child(another_folder_is_closed_there, folder);
    remove_folder(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(root_becomes_nobody),
        cmocka_unit_test(root_may_stay),
        cmocka_unit_test(a_user_who_is_not_there_is_refused),
        cmocka_unit_test(others_become_nobody_else),
        cmocka_unit_test(only_files_are_left),
        cmocka_unit_test(root_that_stays_has_no_capability_either),
        cmocka_unit_test(a_worker_has_not_even_files),
        cmocka_unit_test(files_are_confined_to_folders),
    };
    return cmocka_run_group_tests_name("rights", tests, NULL, NULL);
}
