# How the program for the router is built: small, hardened, and needing nothing but the C library.

add_compile_options(-fstack-protector-strong -fstack-clash-protection
  # Debian's compilers define a lower level themselves; fortifying needs an optimised build.
  $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
# OOBM_STATIC: even the C library is inside. (With -static-libstdc++ the compiler would look for a shared one all the same.)
add_link_options($<IF:$<BOOL:$<TARGET_PROPERTY:OOBM_STATIC>>,-static-pie,-pie>
  $<$<NOT:$<BOOL:$<TARGET_PROPERTY:OOBM_STATIC>>>:-static-libstdc++>
  $<$<NOT:$<BOOL:$<TARGET_PROPERTY:OOBM_STATIC>>>:-static-libgcc>
  -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)

# Objects carry both forms of code: the shipped program is optimised as a whole, and the tests, which are many, link
# the plain form quickly. One job: more would need make, which the build does without.
add_compile_options(-flto=1 -ffat-lto-objects)
add_link_options($<IF:$<BOOL:$<TARGET_PROPERTY:OOBM_WHOLE_PROGRAM>>,-flto=1,-fno-lto>)
