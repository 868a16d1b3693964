# `house` carries what every layer is compiled with: warnings, hardening, sanitizers.
add_library(house INTERFACE)
target_compile_definitions(house INTERFACE _GNU_SOURCE
  MOSHAREKAT_VERSION="${PROJECT_VERSION}"
  $<$<BOOL:${MOSHAREKAT_CHECK_REPLIES}>:MOSHAREKAT_CHECK_REPLIES>)
target_compile_options(house INTERFACE
  $<$<COMPILE_LANGUAGE:C>:-Wall;-Wextra;-Wformat=2;-Wshadow;-Wstrict-prototypes;-Wmissing-prototypes;-Wpointer-arith;-Wundef;-Wvla;-Wimplicit-fallthrough>
  -fno-strict-aliasing -fno-common)

if(MOSHAREKAT_SANITIZE)
  target_compile_options(house INTERFACE -fsanitize=${MOSHAREKAT_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(house INTERFACE -fsanitize=${MOSHAREKAT_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_options(house INTERFACE -fstack-protector-strong -fstack-clash-protection
    -fcf-protection=full -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  target_link_options(house INTERFACE -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--as-needed)
endif()
