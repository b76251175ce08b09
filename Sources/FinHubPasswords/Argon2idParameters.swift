/// How much work one Argon2id hash is.
///
/// Below the floor (RFC 9106 and OWASP's minimum: 19,456 KiB, two passes) a stolen database
/// is guessed too fast; above the ceiling a single hash could starve the server.
public struct Argon2idParameters: Hashable, Sendable {
    /// The memory that new hashes may have, in KiB.
    public static let memoryKibibytesRange = 19_456...262_144
    /// The passes that new hashes may have.
    public static let passesRange = 2...10
    /// The floor, which is also the default: 19,456 KiB, two passes, one lane.
    public static let standard = Argon2idParameters(
        belowFloorForTests: memoryKibibytesRange.lowerBound,
        passes: passesRange.lowerBound
    )

    /// The memory one hash takes, in KiB.
    public let memoryKibibytes: Int
    /// How often that memory is gone over.
    public let passes: Int
    /// How many lanes are computed: libsodium knows only one.
    public var parallelism: Int { 1 }

    /// Accepts parameters from the floor to the ceiling.
    ///
    /// - Throws: ``Argon2idParameterError``, naming the first that is out of its range.
    public init(memoryKibibytes: Int = 19_456, passes: Int = 2) throws(Argon2idParameterError) {
        guard Self.memoryKibibytesRange.contains(memoryKibibytes) else { throw .memoryOutOfRange }
        guard Self.passesRange.contains(passes) else { throw .passesOutOfRange }
        self.init(belowFloorForTests: memoryKibibytes, passes: passes)
    }

    /// Takes anything, so that a test can make hashes which are weak or quick.
    init(belowFloorForTests memoryKibibytes: Int, passes: Int) {
        self.memoryKibibytes = memoryKibibytes
        self.passes = passes
    }
}

/// Why parameters were not accepted.
public enum Argon2idParameterError: Error, Hashable, Sendable {
    /// The memory is not within ``Argon2idParameters/memoryKibibytesRange``.
    case memoryOutOfRange
    /// The passes are not within ``Argon2idParameters/passesRange``.
    case passesOutOfRange
}
