namespace Lofizone.Bench;

/// <summary>Unpacking a Debian root, files per second.</summary>
/// <param name="Files">Files, directories and links unpacked.</param>
/// <param name="Image">Into the image behind our engine, its runs in order.</param>
/// <param name="Direct">Into a directory of the share through libnfs.</param>
public sealed record SmallFiles(int Files, IReadOnlyList<double> Image, IReadOnlyList<double> Direct)
{
    public double Ratio => Statistics.Median(Image) / Statistics.Median(Direct);
}
