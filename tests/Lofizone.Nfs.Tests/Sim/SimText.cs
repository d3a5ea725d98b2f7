using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Sim;

/// <summary>Requests as lines of a trace, without random numbers (transaction IDs, verifiers), so that traces can be compared.</summary>
internal static class SimText
{
    public static string Describe(byte[] record)
    {
        FakeRequest request = FakeRequest.Read(record);
        string slot = request.Sequence is { } sequence ? $"slot {sequence.Slot} seq {sequence.Sequence} " : "";
        return slot + string.Join(' ', request.Operations.Where(operation => operation.Code != OperationCode.Sequence).Select(Describe)) + (request.Operations.Count == 1 && slot.Length > 0 ? "renewal" : "");
    }

    private static string Describe(FakeOperation operation) => operation.Code switch
    {
        OperationCode.Read => $"READ {operation.Offset}+{operation.Length}",
        OperationCode.Write => $"WRITE {operation.Offset}+{operation.Data.Length} stamp {SimModel.FirstStamp(operation.Data)} {operation.Stability}",
        OperationCode.Deallocate => $"DEALLOCATE {operation.Offset}+{operation.Length}",
        OperationCode.Open or OperationCode.Lock => operation.Code.ToString().ToUpperInvariant() + (operation.Flag ? " (reclaim)" : ""),
        _ => operation.Code.ToString().ToUpperInvariant(),
    };
}
