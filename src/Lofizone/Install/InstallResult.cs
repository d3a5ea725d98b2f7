namespace Lofizone.Install;

/// <summary>What an install put into a zone.</summary>
/// <param name="Manifest">The packages and where they come from; the caller writes it beside the image.</param>
/// <param name="Packages">Number of packages.</param>
/// <param name="Files">Number of files and links copied, directories not counted.</param>
/// <param name="Bytes">Bytes of file content copied.</param>
public sealed record InstallResult(Manifest Manifest, int Packages, int Files, long Bytes);
