import FinHubCore
import HTTPTypes

extension ClientDetails {
    /// What the caller's headers and address say of it, cut to what a row should hold.
    init(_ headers: HTTPFields, address: NetworkAddress?) {
        self.init(
            address: address?.description,
            userAgent: headers.first(.userAgent),
            forwardedFrom: headers.first(.forwardedFrom),
            platform: headers.first(.platform, .clientHintPlatform),
            device: Self.device(headers)
        )
    }

    /// The device that the caller's headers name.
    static func device(_ headers: HTTPFields) -> String? {
        headers.first(.deviceID, .alternativeDeviceIDs[0], .alternativeDeviceIDs[1])
    }
}

extension HTTPFields {
    /// The first value of the first of the names that is there.
    ///
    /// In one pass: to look up a name, the list would first make an index of all of them.
    fileprivate func first(_ names: HTTPField.Name...) -> String? {
        var found: (rank: Int, value: String)?
        for field in self {
            guard let rank = names.firstIndex(of: field.name), rank < found?.rank ?? .max else { continue }
            found = (rank, field.value)
        }
        return found?.value.cut(to: 256)
    }
}
