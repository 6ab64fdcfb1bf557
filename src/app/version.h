/* The version of the program and of the libraries it is built with, from the build. */
#ifndef APP_VERSION_H
#define APP_VERSION_H

#ifndef APP_VERSION
#define APP_VERSION "unversioned"
#endif

#ifndef APP_LIBRARIES
#define APP_LIBRARIES "others"
#endif

#endif
