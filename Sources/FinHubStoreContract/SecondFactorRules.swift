import FinHubAPI
import FinHubCore
import Testing

extension StoreRule {
    static let secondFactors =
        [
            StoreRule("a seed is kept unconfirmed, replaced by another, and counts for nothing", check: seedIsBegun),
            StoreRule("a first code puts the factor in force, once, and tells who asks for it", check: codeConfirms),
            StoreRule("nobody begins a factor beside one in force, or for a user that is absent") { stores in
                try await stores.installSamples()
                try await stores.enrol(.acme)
                #expect(try await stores.begin(.acme, seed: 8) == false)
                #expect(try await stores.factor(.acme)?.sealedSeed == [7])
                let factors = stores.secondFactors
                for (user, tenant) in [(Sample.globex.ada, Sample.acme.tenant), (UserID(high: 9, low: 9), .globex)] {
                    #expect(try await factors.begin(of: user, in: tenant, sealedSeed: [8], at: .noon) == false)
                    #expect(try await factors.factor(of: user, in: tenant) == nil)
                }
            },
        ] + spentCodes + removals

    @Sendable
    private static func seedIsBegun(_ stores: Stores) async throws {
        try await stores.installSamples()
        #expect(try await stores.factor(.acme) == nil)
        #expect(try await stores.begin(.acme, seed: 6, at: .noon(plus: -5)))
        #expect(try await stores.begin(.acme))
        #expect(try await stores.factor(.acme) == SecondFactor(sealedSeed: [7], createdAt: .noon))
        #expect(try await stores.factor(.globex) == nil)
        #expect(try await stores.spend(.step(50, sealedSeed: [7])) == false)
        #expect(try await stores.spend(.step(50, sealedSeed: [6]), for: .confirming) == false)
        #expect(try await stores.withdraw(.acme) == nil)
        #expect(try await stores.user(.acme) == Sample.acme.user(Sample.acme.ada, named: "Ada"))
        #expect(try await stores.changeKinds() == [])
    }

    @Sendable
    private static func codeConfirms(_ stores: Stores) async throws {
        try await stores.installSamples()
        _ = try await stores.begin(.acme)
        #expect(try await stores.spend(.step(50, sealedSeed: [7]), for: .confirming, in: .globex) == false)
        #expect(try await stores.spend(.recoveryCode(digest: .digest(1)), for: .confirming) == false)
        #expect(try await stores.spend(.step(50, sealedSeed: [7]), for: .confirming))
        let factor = try await stores.factor(.acme)
        #expect(factor?.confirmedAt == .noon(plus: 60))
        #expect(factor?.lastStep == 50)
        #expect(factor?.recoveryCodesLeft == 2)
        let user = try await stores.user(.acme)
        #expect(user?.hasSecondFactor == true)
        #expect(user?.version == 2)
        #expect(try await stores.changeKinds() == [.userChanged(Sample.acme.ada)])
        #expect(try await stores.spend(.step(51, sealedSeed: [7]), for: .confirming) == false)
        #expect(try await stores.user(.acme)?.version == 2)
        #expect(try await stores.user(.globex)?.hasSecondFactor == false)
    }
}

// MARK: Spent codes

extension StoreRule {
    private static let spentCodes = [
        StoreRule("no code is taken of a step that was used, or of one before, or with another seed") { stores in
            try await stores.installSamples()
            for sample in [Sample.acme, .globex] { try await stores.enrol(sample) }
            for step: Int64 in [50, 49, 0, -1, .min] {
                #expect(try await stores.spend(.step(step, sealedSeed: [7])) == false)
            }
            #expect(try await stores.spend(.step(52, sealedSeed: [6])) == false)
            #expect(try await stores.spend(.step(52, sealedSeed: [7])))
            #expect(try await stores.spend(.step(52, sealedSeed: [7])) == false)
            #expect(try await stores.spend(.step(51, sealedSeed: [7])) == false)
            #expect(try await stores.factor(.acme)?.lastStep == 52)
            #expect(try await stores.factor(.globex)?.lastStep == 50)
        },
        StoreRule("a recovery code is used once, and is good for no one else") { stores in
            try await stores.installSamples()
            for sample in [Sample.acme, .globex] { try await stores.enrol(sample) }
            let code = CheckedCode.Proof.recoveryCode(digest: .digest(1))
            #expect(try await stores.spend(.recoveryCode(digest: .digest(3))) == false)
            #expect(try await stores.spend(code, of: Sample.acme.bob) == false)
            #expect(try await stores.spend(code))
            #expect(try await stores.spend(code) == false)
            #expect(try await stores.factor(.acme)?.recoveryCodesLeft == 1)
            #expect(try await stores.factor(.globex)?.recoveryCodesLeft == 2)
            #expect(try await stores.spend(code, in: .globex))
        },
        StoreRule("of many that present one code at once exactly one is taken") { stores in
            try await stores.installSamples()
            try await stores.enrol(.acme)
            for proof in [CheckedCode.Proof.step(60, sealedSeed: [7]), .recoveryCode(digest: .digest(1))] {
                let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for _ in 0..<16 { group.addTask { try await stores.spend(proof) } }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                #expect(taken == 1)
            }
        },
        StoreRule("new recovery codes take the place of all others, if the code is good") { stores in
            try await stores.installSamples()
            for sample in [Sample.acme, .globex] { try await stores.enrol(sample) }
            let renewal = CodePurpose.renewal(recoveryCodes: [.digest(4), .digest(5), .digest(6)])
            #expect(try await stores.spend(.step(50, sealedSeed: [7]), for: renewal) == false)
            #expect(try await stores.factor(.acme)?.recoveryCodesLeft == 2)
            #expect(try await stores.spend(.recoveryCode(digest: .digest(1)), for: renewal))
            #expect(try await stores.factor(.acme)?.recoveryCodesLeft == 3)
            #expect(try await stores.spend(.recoveryCode(digest: .digest(2))) == false)
            #expect(try await stores.spend(.recoveryCode(digest: .digest(4))))
            #expect(try await stores.factor(.globex)?.recoveryCodesLeft == 2)
        },
    ]
}

// MARK: Removals

extension StoreRule {
    private static let removals = [
        StoreRule("a code removes the factor with its recovery codes, and the sessions go on") { stores in
            try await stores.installSamples()
            for sample in [Sample.acme, .globex] { try await stores.enrol(sample) }
            #expect(try await stores.spend(.step(50, sealedSeed: [7]), for: .removal) == false)
            #expect(try await stores.factor(.acme) != nil)
            #expect(try await stores.spend(.step(51, sealedSeed: [7]), for: .removal))
            #expect(try await stores.factor(.acme) == nil)
            #expect(try await stores.spend(.recoveryCode(digest: .digest(1))) == false)
            let user = try await stores.user(.acme)
            #expect(user?.hasSecondFactor == false)
            #expect(user?.version == 3)
            #expect(try await stores.changeKinds().last == .userChanged(Sample.acme.ada))
            #expect(try await stores.session(in: .acme)?.ending == nil)
            #expect(try await stores.factor(.globex)?.recoveryCodesLeft == 2)
        },
        StoreRule("a factor that is withdrawn ends the user's sessions, and nobody else's") { stores in
            try await stores.installSamples()
            for sample in [Sample.acme, .globex] { try await stores.enrol(sample) }
            try await stores.sessions.insert(Sample.acme.session(2, of: Sample.acme.bob))
            #expect(try await stores.withdraw(.acme) == CutOffOutcome(epoch: 1, ended: 1))
            #expect(try await stores.withdraw(.acme) == nil)
            #expect(try await stores.factor(.acme) == nil)
            let user = try await stores.user(.acme)
            #expect(user?.hasSecondFactor == false)
            #expect(user?.version == 3)
            #expect(user?.epoch == 1)
            let ending = Ending(at: .noon(plus: 90), reason: .accessWithdrawn)
            #expect(try await stores.session(in: .acme)?.ending == ending)
            #expect(try await stores.session(2, in: .acme)?.ending == nil)
            #expect(try await stores.session(in: .globex)?.ending == nil)
            #expect(try await stores.user(.globex)?.hasSecondFactor == true)
            let told = try await stores.changeKinds().suffix(2)
            let cutOff = Change.Kind.userCutOff(Sample.acme.ada, epoch: 1, spared: nil)
            #expect(Set(told) == [.userChanged(Sample.acme.ada), cutOff])
        },
        StoreRule("a user of another tenant loses nothing") { stores in
            try await stores.installSamples()
            for sample in [Sample.acme, .globex] { try await stores.enrol(sample) }
            let outcome = try await stores.secondFactors.withdraw(
                from: Sample.globex.ada,
                in: Sample.acme.tenant,
                at: .noon(plus: 90),
                tokensExpireBy: .noon(plus: 3_690)
            )
            #expect(outcome == nil)
            #expect(try await stores.factor(.globex)?.recoveryCodesLeft == 2)
            #expect(try await stores.session(in: .globex)?.ending == nil)
        },
    ]
}

// MARK: Samples

extension CodePurpose {
    fileprivate static let confirming = CodePurpose.confirmation(recoveryCodes: [.digest(1), .digest(2)])
}

extension [UInt8] {
    fileprivate static func digest(_ number: UInt8) -> [UInt8] {
        [UInt8](repeating: number, count: 32)
    }
}

extension TenantID {
    fileprivate static let globex = Sample.globex.tenant
}

extension Stores {
    fileprivate func factor(_ sample: Sample) async throws -> SecondFactor? {
        try await secondFactors.factor(of: sample.ada, in: sample.tenant)
    }

    fileprivate func user(_ sample: Sample) async throws -> User? {
        try await directory.user(sample.ada, in: sample.tenant)
    }

    fileprivate func begin(_ sample: Sample, seed: UInt8 = 7, at now: Timestamp = .noon) async throws -> Bool {
        try await secondFactors.begin(of: sample.ada, in: sample.tenant, sealedSeed: [seed], at: now)
    }

    /// Presents a code of Ada's, or of another user in the same tenant.
    fileprivate func spend(
        _ proof: CheckedCode.Proof,
        for purpose: CodePurpose = .signIn,
        of user: UserID? = nil,
        in sample: Sample = .acme
    ) async throws -> Bool {
        let code = CheckedCode(proof, of: user ?? sample.ada, in: sample.tenant, at: .noon(plus: 60))
        return try await secondFactors.spend(code, for: purpose)
    }

    /// Puts a factor with two recovery codes in force; its last step is 50.
    fileprivate func enrol(_ sample: Sample) async throws {
        guard try await begin(sample),
            try await spend(.step(50, sealedSeed: [7]), for: .confirming, in: sample)
        else { throw UnusableSample() }
    }

    fileprivate func withdraw(_ sample: Sample) async throws -> CutOffOutcome? {
        try await secondFactors.withdraw(
            from: sample.ada,
            in: sample.tenant,
            at: .noon(plus: 90),
            tokensExpireBy: .noon(plus: 3_690)
        )
    }
}
