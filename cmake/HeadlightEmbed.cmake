# headlight_embed(<target> <symbol> <file>): puts a file's bytes into the target through the assembler's .incbin.
# C++ sees them as `extern "C" const unsigned char <symbol>_begin[], <symbol>_end[];`.
enable_language(ASM)
function(headlight_embed target symbol file)
    set(asm ${CMAKE_CURRENT_BINARY_DIR}/embed_${symbol}.S)
    file(CONFIGURE OUTPUT ${asm} CONTENT [[
    .section .rodata
    .global @symbol@_begin
    .hidden @symbol@_begin
    .global @symbol@_end
    .hidden @symbol@_end
    .balign 16
@symbol@_begin:
    .incbin "@file@"
@symbol@_end:
    .byte 0
    .section .note.GNU-stack,"",%progbits
]] @ONLY)
    set_source_files_properties(${asm} PROPERTIES OBJECT_DEPENDS ${file} LANGUAGE ASM)
    target_sources(${target} PRIVATE ${asm})
endfunction()
