// libzip, as pkg-config finds it. Installed by `apt-get install libzip-dev` or `brew install libzip`.
#include <zip.h>
