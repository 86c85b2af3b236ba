import ChargenCPU

/// The instruction sets that this machine offers, for tests that must hold under each.
public let availableInstructionSets = InstructionSet.allCases.filter(\.isAvailable)
