/// One piece of work and its contestants, in the order of each round.
struct Comparison {
    let work: Work
    /// The difference from another comparison on the same configuration; nil if there is no other.
    let variant: String?
    let contestants: [Contestant]

    /// The configuration's name and the variant.
    var title: String { ([work.name] + (variant.map { [$0] } ?? [])).joined(separator: ", ") }

    /// All comparisons on the configurations in `names`.
    static func all(on names: Set<String>) -> [Comparison] {
        (TrainingConfiguration.all.flatMap(training) + FitConfiguration.all.map(fitting)
            + SamplingConfiguration.all.flatMap(sampling))
            .filter { names.contains($0.work.name) }
    }

    /// Training on `configuration`.
    private static func training(_ configuration: TrainingConfiguration) -> [Comparison] {
        let work = Work.training(configuration)
        guard configuration.name == TrainingConfiguration.seed.name else {
            return [
                Comparison(
                    work: work, variant: nil,
                    contestants: [
                        .ours(), .peer(.pyTorch, .bfloat16),
                        .ours(.float32), .peer(.pyTorch),
                    ])
            ]
        }
        // With a vocabulary this large the input matters: each kind is compared with its own.
        return [
            Comparison(
                work: work, variant: "one-hot input",
                contestants: [
                    .ours(), .peer(.keras, oneHot: true),
                    .ours(.float32), .peer(.pyTorch, oneHot: true),
                ]),
            Comparison(
                work: work, variant: "embedding of \(Contestant.embeddingWidth)",
                contestants: [
                    .ours(embedding: Contestant.embeddingWidth), .peer(.pyTorch, .bfloat16),
                    .ours(.float32, embedding: Contestant.embeddingWidth), .peer(.pyTorch),
                ]),
        ]
    }

    /// Fitting the classifier of `configuration`, with its embedding.
    private static func fitting(_ configuration: FitConfiguration) -> Comparison {
        Comparison(
            work: .fitting(configuration), variant: nil,
            contestants: [
                .ours(embedding: configuration.embedding), .peer(.pyTorch, .bfloat16),
                .ours(.float32, embedding: configuration.embedding), .peer(.pyTorch), .peer(.keras),
            ])
    }

    /// Sampling from `configuration`: one text, and many at once.
    private static func sampling(_ configuration: SamplingConfiguration) -> [Comparison] {
        [1, 64].map { streams in
            Comparison(
                work: .sampling(configuration, streams: streams),
                variant: streams == 1 ? "1 stream" : "\(streams) streams",
                contestants: [.ours(), .peer(.onnxRuntime), .peer(.pyTorch)])
        }
    }
}
