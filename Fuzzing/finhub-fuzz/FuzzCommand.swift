import CLibFuzzer
import FinHubFuzzing
import Glibc

/// `finhub-fuzz TARGET [libFuzzer's options and folders]`: one target under libFuzzer.
///
/// libFuzzer keeps an input that reaches new code and changes it further, by its own moves and
/// by the target's. A broken promise ends the process, and libFuzzer writes the input to a file.
@main
struct FuzzCommand {
    static func main() {
        guard let target = Self.target else {
            print("usage: finhub-fuzz TARGET [options of libFuzzer] [folders or files]")
            print("targets: \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
            exit(64)
        }
        _ = target
        var arguments = CommandLine.arguments
        arguments.remove(at: 1)
        var count = CInt(arguments.count)
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        let status = pointers.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            return LLVMFuzzerRunDriver(&count, &start) { data, size in
                FuzzCommand.check(Array(UnsafeBufferPointer(start: data, count: size)))
                return 0
            }
        }
        exit(status)
    }

    /// The target that the first argument names.
    static let target = FuzzTarget.all.first { $0.name == CommandLine.arguments.dropFirst().first }

    private static func check(_ input: [UInt8]) {
        do {
            try target?.accepts(input)
        } catch {
            let text = Array("broken promise: it \(error)\n".utf8)
            _ = write(STDERR_FILENO, text, text.count)
            abort()
        }
    }
}

/// One change of an input, by libFuzzer's moves or the target's, half and half.
@c(LLVMFuzzerCustomMutator)
func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ limit: Int, _ seed: UInt32) -> Int {
    var generator = SeededGenerator(seed: UInt64(seed))
    guard let target = FuzzCommand.target, !seed.isMultiple(of: 2) else { return LLVMFuzzerMutate(data, size, limit) }
    let input = Array(UnsafeBufferPointer(start: data, count: size))
    let changed = target.mutator.mutate(input, beside: input, using: &generator).prefix(limit)
    _ = UnsafeMutableBufferPointer(start: data, count: changed.count).update(fromContentsOf: changed)
    return changed.count
}
