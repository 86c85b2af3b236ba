// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "chargen",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Chargen", targets: ["Chargen"]),
        .executable(name: "chargen", targets: ["ChargenCLI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    ],
    targets: [
        // MARK: What the library is made of, from the ground up

        .systemLibrary(
            name: "CZip",
            pkgConfig: "libzip",
            providers: [.apt(["libzip-dev"]), .brew(["libzip"])]
        ),
        .target(name: "CChargenKernels", exclude: ["README.md"]),
        .target(name: "ChargenFiles"),
        .target(name: "ChargenText"),
        .target(name: "ChargenCorpus", dependencies: ["ChargenFiles", "ChargenText", "CZip"]),
        .target(name: "ChargenTensor"),
        .target(name: "ChargenCPU", dependencies: ["CChargenKernels", "ChargenTensor"]),
        .target(name: "ChargenDevice", dependencies: ["ChargenCPU", "ChargenTensor"]),
        .target(name: "ChargenNN", dependencies: ["ChargenDevice", "ChargenTensor"]),
        .target(name: "ChargenNGrams", dependencies: ["ChargenNN", "ChargenTensor"]),
        .target(name: "ChargenModels", dependencies: ["ChargenDevice", "ChargenNN", "ChargenTensor", "ChargenText"]),
        .target(
            name: "ChargenTraining",
            dependencies: ["ChargenDevice", "ChargenModels", "ChargenNGrams", "ChargenNN", "ChargenTensor", "ChargenText"]),
        .target(
            name: "ChargenSampling",
            dependencies: ["ChargenDevice", "ChargenModels", "ChargenNN", "ChargenTensor", "ChargenText"]),
        .target(
            name: "ChargenFormats",
            dependencies: [
                "ChargenDevice", "ChargenFiles", "ChargenModels", "ChargenNN", "ChargenSampling", "ChargenTensor",
                "ChargenText",
            ]
        ),

        // MARK: What users meet

        .target(
            name: "Chargen",
            dependencies: [
                "ChargenCPU", "ChargenCorpus", "ChargenDevice", "ChargenFiles", "ChargenFormats", "ChargenModels",
                "ChargenNGrams", "ChargenNN", "ChargenSampling", "ChargenTensor", "ChargenText", "ChargenTraining",
            ]
        ),
        .executableTarget(
            name: "ChargenCLI",
            dependencies: [
                "Chargen",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),

        // MARK: Tests

        .target(
            name: "ChargenTestSupport",
            dependencies: ["Chargen", "CZip"],
            path: "Tests/ChargenTestSupport",
            resources: [.copy("Golden")]
        ),
        .target(name: "CForkTesting", dependencies: ["CChargenKernels"], path: "Tests/CForkTesting"),
        .testTarget(
            name: "ChargenKernelsTests",
            dependencies: ["CChargenKernels", "CForkTesting", "ChargenTestSupport"]
        ),
        .testTarget(name: "ChargenFilesTests", dependencies: ["ChargenFiles", "ChargenTestSupport"]),
        .testTarget(name: "ChargenTextTests", dependencies: ["ChargenText", "ChargenTestSupport"]),
        .testTarget(name: "ChargenCorpusTests", dependencies: ["ChargenCorpus", "ChargenTestSupport"]),
        .testTarget(name: "ChargenTensorTests", dependencies: ["ChargenTensor", "ChargenTestSupport"]),
        .testTarget(name: "ChargenCPUTests", dependencies: ["ChargenCPU", "ChargenTensor", "ChargenTestSupport"]),
        .testTarget(name: "ChargenNNTests", dependencies: ["Chargen", "ChargenTestSupport"]),
        .testTarget(name: "ChargenNGramsTests", dependencies: ["ChargenNGrams", "ChargenTestSupport"]),
        .testTarget(name: "ChargenModelsTests", dependencies: ["Chargen", "ChargenTestSupport"]),
        .testTarget(name: "ChargenTrainingTests", dependencies: ["Chargen", "ChargenTestSupport"]),
        .testTarget(name: "ChargenSamplingTests", dependencies: ["Chargen", "ChargenTestSupport"]),
        .testTarget(name: "ChargenFormatsTests", dependencies: ["Chargen", "ChargenTestSupport"]),
        // What users can do: these tests see what another package sees.
        .testTarget(name: "ChargenTests", dependencies: ["Chargen", "ChargenTestSupport"], packageAccess: false),
        .testTarget(name: "ChargenCLITests", dependencies: ["ChargenCLI", "Chargen", "ChargenTestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)

// The plugin that makes the documentation: `CHARGEN_DOCS=1 swift package generate-documentation …` (see the README).
if Context.environment["CHARGEN_DOCS"] != nil {
    package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0"))
}
