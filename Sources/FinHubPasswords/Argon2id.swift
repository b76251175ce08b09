import CSodium

/// Argon2id version 1.3 by libsodium: the work itself, on the calling thread.
package enum Argon2id {
    /// Prepares libsodium; calling it again does no harm.
    ///
    /// - Throws: ``Argon2idFailure/libraryUnusable`` when libsodium can't be used here.
    package static func prepare() throws(Argon2idFailure) {
        guard sodium_init() >= 0 else { throw .libraryUnusable }
    }

    /// A new PHC string with a fresh 16-byte salt and a 32-byte tag.
    ///
    /// - Throws: ``Argon2idFailure/outOfMemory`` when the memory can't be had.
    package static func hash(_ password: String, _ parameters: Argon2idParameters) throws(Argon2idFailure) -> String {
        var text = [CChar](repeating: 0, count: 128)
        let result = withBytes(of: password) { bytes, count in
            crypto_pwhash_str_alg(
                &text,
                bytes,
                count,
                UInt64(parameters.passes),
                parameters.memoryKibibytes * 1024,
                crypto_pwhash_alg_argon2id13()
            )
        }
        guard result == 0 else { throw .outOfMemory }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Whether `password` is the one that `phc` was made of.
    ///
    /// libsodium answers a wrong password, a salt or tag it can't read and a lack of memory
    /// alike: `false`.
    package static func verify(_ password: String, against phc: String) -> Bool {
        // libsodium declares the string as an array of 128, and reads it up to its NUL.
        let text = phc.utf8.map(CChar.init(bitPattern:)) + [CChar](repeating: 0, count: max(1, 128 - phc.utf8.count))
        return withBytes(of: password) { bytes, count in crypto_pwhash_str_verify(text, bytes, count) == 0 }
    }

    /// Every byte counts, NUL too, so the length is handed over with the bytes.
    private static func withBytes<Result>(
        of password: String,
        _ body: (UnsafePointer<CChar>, UInt64) -> Result
    ) -> Result {
        var bytes = Array(password.utf8CString)
        defer { sodium_memzero(&bytes, bytes.count) }
        return bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { preconditionFailure("utf8CString ends with a NUL") }
            return body(start, UInt64(buffer.count - 1))
        }
    }
}

/// Why no hash was computed.
public enum Argon2idFailure: Error, Hashable, Sendable {
    /// libsodium could not be initialised.
    case libraryUnusable
    /// The memory for the hash could not be had.
    case outOfMemory
}
