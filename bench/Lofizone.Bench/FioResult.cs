namespace Lofizone.Bench;

/// <summary>What one fio run found.</summary>
/// <param name="Value">In the row's unit, without the warm-up.</param>
/// <param name="Bytes">Moved in all, warm-up included.</param>
public sealed record FioResult(double Value, double Bytes);
