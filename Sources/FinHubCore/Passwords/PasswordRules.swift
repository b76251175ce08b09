import FinHubAPI

/// What a new password must be; the raw value is the API's.
public enum PasswordRules: String, Hashable, Sendable, CaseIterable {
    /// Length and nothing too common (NIST SP 800-63B-4, section 3.1.1.2).
    case nist = "NIST"
    /// The same, with letters and digits, another every 90 days (PCI DSS 4.0.1, requirement 8.3).
    case pci = "PCI"

    /// In code points (ASVS 6.2.1); the code of a second factor makes up for a shorter one.
    static let shortest = 12
    static let shortestBesideSecondFactor = 8
    /// In code points: a longer one is refused before anything is done with it.
    public static let longest = 256
    /// How many of a user's last passwords don't come back, the present one among them.
    static let remembered = 5
    /// Of fewer pieces than these a password is guessed too soon.
    private static let fewestPieces = 6

    /// What there is to say against a password as such; whether it was had before, its user's history knows.
    func objection(to password: Secret<String>, of owner: PasswordOwner) -> PasswordObjection? {
        let text = password.reveal().passwordForm
        let scalars = text.unicodeScalars
        guard scalars.count <= Self.longest else { return .tooLong }
        let shortest = owner.hasSecondFactor && self == .nist ? Self.shortestBesideSecondFactor : Self.shortest
        guard scalars.count >= shortest else { return .tooShort(shortest: shortest) }
        if self == .pci, !scalars.contains(where: \.properties.isAlphabetic) || !scalars.contains(where: \.isDigit) {
            return .lettersAndDigitsMissing
        }
        guard PasswordComposition(text, words: []).pieces >= Self.fewestPieces else { return .tooCommon }
        guard PasswordComposition(text, words: owner.words).pieces >= Self.fewestPieces else { return .ownWords }
        return nil
    }
}

/// Why a new password was refused.
public enum PasswordObjection: Error, Hashable, Sendable {
    case tooShort(shortest: Int)
    case tooLong
    case lettersAndDigitsMissing
    /// Made of common words, sequences and repetitions.
    case tooCommon
    /// Made of the user's, the tenant's or the product's own words.
    case ownWords
    /// One of the user's last five.
    case usedBefore
}

/// Whose a new password is, as far as the rules ask.
struct PasswordOwner: Sendable {
    let hasSecondFactor: Bool
    /// What somebody who knows the user tries first.
    let words: Set<String>

    init(userName: String, email: String, tenant: Tenant, hasSecondFactor: Bool = false) {
        self.hasSecondFactor = hasSecondFactor
        let texts = [userName, email, tenant.name, tenant.slug.rawValue, "finhub"]
        let words = texts + texts.flatMap { $0.split { !$0.isLetter && !$0.isNumber }.map(String.init) }
        self.words = Set(words.filter { $0.unicodeScalars.count >= 3 }.map { PasswordComposition.fold($0) })
    }
}

extension Unicode.Scalar {
    fileprivate var isDigit: Bool { properties.numericType == .decimal }
}
