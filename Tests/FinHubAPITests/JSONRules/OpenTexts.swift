extension JSONRule {
    /// `i_` that we take.
    static let openAndTaken: [JSONRule] = [
        JSONRule("i_number_double_huge_neg_exp", "[456.789e-77777]"),
        JSONRule("i_number_huge_exp", "[0.7e\(String(repeating: "0089", count: 20))]"),
        JSONRule("i_number_neg_int_huge_exp", "[-7e+8888]"),
        JSONRule("i_number_pos_double_huge_exp", "[7.5e+8888]"),
        JSONRule("i_number_real_neg_overflow", "[-456456e456456]"),
        JSONRule("i_number_real_pos_overflow", "[456456e456456]"),
        JSONRule("i_number_real_underflow", "[456e-456456]"),
        JSONRule("i_number_too_big_neg_int", "[-456456456456456456456456456]"),
        JSONRule("i_number_too_big_pos_int", "[200000000000000000000]"),
        JSONRule("i_number_very_big_negative_int", "[-473462467462746727676764764764672767]"),
    ]

    /// `i_` that we refuse.
    static let openAndRefused: [JSONRule] = [
        JSONRule("i_object_key_lone_2nd_surrogate", #"{"\uDF80":7}"#),
        JSONRule("i_string_1st_surrogate_but_2nd_missing", #"["\uDABA"]"#),
        JSONRule("i_string_1st_valid_surrogate_2nd_invalid", #"["\uD83E\u4321"]"#),
        JSONRule("i_string_UTF-16LE_with_BOM", [0xff, 0xfe, 0x5b, 0, 0x22, 0, 0xe8, 0, 0x22, 0, 0x5d, 0]),
        JSONRule("i_string_UTF-8_invalid_sequence", raw("[\"ф", [0xfb], "\"]")),
        JSONRule("i_string_UTF8_surrogate_U+D800", raw("[\"", [0xed, 0xa0, 0x80], "\"]")),
        JSONRule("i_string_incomplete_surrogate_and_escape_valid", #"["\uD83E\t"]"#),
        JSONRule("i_string_incomplete_surrogate_pair", #"["\uDd80k"]"#),
        JSONRule("i_string_incomplete_surrogates_escape_valid", #"["\uD83E\uD83E\t"]"#),
        JSONRule("i_string_invalid_lonely_surrogate", #"["\ud83e"]"#),
        JSONRule("i_string_invalid_surrogate", #"["\ud83exyz"]"#),
        JSONRule("i_string_invalid_utf-8", raw("[\"", [0xfe], "\"]")),
        JSONRule("i_string_inverted_surrogates_U+1D11E", #"["\uDd1e\uD834"]"#),
        JSONRule("i_string_iso_latin_1", raw("[\"", [0xe8], "\"]")),
        JSONRule("i_string_lone_second_surrogate", #"["\uDF80"]"#),
        JSONRule("i_string_lone_utf8_continuation_byte", raw("[\"", [0x82], "\"]")),
        JSONRule("i_string_not_in_unicode_range", raw("[\"", [0xf4, 0xbf, 0xbf, 0xbe], "\"]")),
        JSONRule("i_string_overlong_sequence_2_bytes", raw("[\"", [0xc0, 0xae], "\"]")),
        JSONRule("i_string_overlong_sequence_6_bytes", raw("[\"", [0xfc, 0x83, 0xbf, 0xbf, 0xbf, 0xbe], "\"]")),
        JSONRule("i_string_overlong_sequence_6_bytes_null", raw("[\"", [0xfc, 0x80, 0x80, 0x80, 0x80, 0x80], "\"]")),
        JSONRule("i_string_truncated-utf-8", raw("[\"", [0xe1, 0xfe], "\"]")),
        JSONRule("i_string_utf16BE_no_BOM", [0, 0x5b, 0, 0x22, 0, 0xe8, 0, 0x22, 0, 0x5d]),
        JSONRule("i_string_utf16LE_no_BOM", [0x5b, 0, 0x22, 0, 0xe8, 0, 0x22, 0, 0x5d, 0]),
        JSONRule(
            "i_structure_500_nested_arrays",
            String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        ),
        JSONRule("i_structure_UTF-8_BOM_empty_object", "\u{feff}{}"),
    ]
}
