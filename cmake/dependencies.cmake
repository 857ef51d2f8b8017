# Every library outside the tree, each from a Debian 12 package.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)             # libcurl4-openssl-dev
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)            # libyaml-dev
pkg_check_modules(MICROHTTPD REQUIRED IMPORTED_TARGET libmicrohttpd) # libmicrohttpd-dev
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)           # libcjson-dev
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)                # zlib1g-dev
find_library(PAHO_MQTT3AS paho-mqtt3as REQUIRED)                     # libpaho-mqtt-dev
find_library(MSGPACKC msgpackc REQUIRED)                             # libmsgpack-dev
if(HEARTHLINE_TESTS)
  find_library(CMOCKA cmocka REQUIRED)                               # libcmocka-dev
endif()
