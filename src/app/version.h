/* The version of the program, from the build. */
#ifndef APP_VERSION_H
#define APP_VERSION_H

#ifndef APP_VERSION
#define APP_VERSION "unversioned"
#endif

#endif
