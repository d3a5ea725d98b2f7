namespace Lofizone.Install;

/// <summary>The result of an install.</summary>
/// <param name="Manifest">The packages and their origin. The caller writes the manifest beside the image.</param>
/// <param name="Packages">Number of packages.</param>
/// <param name="Files">Number of files and links that were copied, without directories.</param>
/// <param name="Bytes">Number of bytes of file content that were copied.</param>
public sealed record InstallResult(Manifest Manifest, int Packages, int Files, long Bytes);
