package import FinHubAPI
import FinHubCore

/// An authenticator app, which knows one seed.
package struct Phone: Sendable {
    package let seed: [UInt8]

    /// Takes the seed in base32, as an enrolment shows it; `nil` when it is none.
    package init?(secret: String) {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        var bytes: [UInt8] = []
        var (pending, bits): (UInt32, Int) = (0, 0)
        for character in secret.utf8 {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            (pending, bits) = (pending << 5 | UInt32(value), bits + 5)
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
            }
        }
        guard bytes.count == TOTP.seedLength else { return nil }
        seed = bytes
    }

    /// What it shows so many steps from that moment.
    package func code(at moment: Timestamp, steps: Int64 = 0) -> String {
        let code = TOTP(seed: Secret(seed)).code(ofStep: TOTP.step(at: moment) + steps)
        return String(decoding: code.reveal(), as: UTF8.self)
    }
}
