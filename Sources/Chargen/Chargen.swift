// `import Chargen` is all of the library: each module of it, re-exported.
@_exported import ChargenCPU
@_exported import ChargenCorpus
@_exported import ChargenDevice
@_exported import ChargenFiles
@_exported import ChargenFormats
@_exported import ChargenModels
@_exported import ChargenNGrams
@_exported import ChargenNN
@_exported import ChargenSampling
@_exported import ChargenTensor
@_exported import ChargenText
@_exported import ChargenTraining
